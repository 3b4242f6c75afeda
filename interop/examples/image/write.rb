# Writes the picture in a block of shared memory into a PNG file.
#
#     ruby write.rb BLOCK WIDTH FILE

require "polyshm"
require "zlib"

SIGNATURE = "\x89PNG\r\n\x1A\n".b
NO_FILTER = "\0".b
COLOURS = 3

def chunk(type, content)
  [content.bytesize, type, content, Zlib.crc32(type + content)].pack("N a4 a* N")
end

# The file: 8 bits a colour; red, green and blue; not interlaced.
def png(width, height, rows)
  header = [width, height, 8, 2, 0, 0, 0].pack("N2 C5")
  SIGNATURE + chunk("IHDR", header) + chunk("IDAT", Zlib.deflate(rows.join)) + chunk("IEND", "")
end

name, width, path = ARGV
stride = Integer(width) * COLOURS
Polyshm::SharedMemory.attach(name, readonly: true) do |block|
  pixels = block.buf
  rows = (0...block.size).step(stride).map { |at| NO_FILTER + pixels.get_string(at, stride) }
  File.binwrite(path, png(Integer(width), rows.size, rows))
end
