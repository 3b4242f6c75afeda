# Another C library: musl on this machine, by the compiler that Debian's musl-tools wrap.
#
#   cmake -S . -B build/musl --toolchain .cmake/musl.cmake -DPOLYSHM_BINDINGS= -DPOLYSHM_NATIVE_BUILD=$PWD/build

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR ${CMAKE_HOST_SYSTEM_PROCESSOR})
set(CMAKE_C_COMPILER musl-gcc)

# The kernel's headers are the same for every C library, but lie among glibc's.
set(polyshm_kernel ${CMAKE_BINARY_DIR}/kernel)
file(MAKE_DIRECTORY ${polyshm_kernel})
file(CREATE_LINK /usr/include/linux ${polyshm_kernel}/linux SYMBOLIC)
file(CREATE_LINK /usr/include/asm-generic ${polyshm_kernel}/asm-generic SYMBOLIC)
file(CREATE_LINK /usr/include/${CMAKE_HOST_SYSTEM_PROCESSOR}-linux-gnu/asm ${polyshm_kernel}/asm SYMBOLIC)
set(CMAKE_C_FLAGS_INIT "-idirafter ${polyshm_kernel}")
