# Another processor: 64-bit ARM, by Debian's cross compiler. What is built runs here by qemu-aarch64.
#
#   cmake -S . -B build/aarch64 --toolchain .cmake/aarch64.cmake -DPOLYSHM_BINDINGS= -DPOLYSHM_NATIVE_BUILD=$PWD/build

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CROSSCOMPILING_EMULATOR /usr/bin/qemu-aarch64 -L /usr/aarch64-linux-gnu)
