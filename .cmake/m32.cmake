# Another width: 32 bits on this machine, by Debian's gcc-12-multilib and libc6-dev-i386. (Its gcc-multilib, which would
# bring the kernel's headers for this, keeps the cross compilers out.)
#
#   cmake -S . -B build/m32 --toolchain .cmake/m32.cmake -DPOLYSHM_BINDINGS= -DPOLYSHM_NATIVE_BUILD=$PWD/build

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR i686)
set(CMAKE_C_COMPILER gcc)
# The tests look at files and times of 64 bits, as the runtime does.
set(CMAKE_C_FLAGS_INIT
  "-m32 -idirafter /usr/include/${CMAKE_HOST_SYSTEM_PROCESSOR}-linux-gnu -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64")
