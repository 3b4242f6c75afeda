/* Opens a public header: C linkage for C++, and symbols that leave the library.
 *
 * A file of its own, so that a noun's header with its preprocessor lines dropped is plain C declarations,
 * which cffi's cdef and LuaJIT's ffi.cdef accept. No include guard: every header opens and closes once. */
#ifdef __cplusplus
extern "C" {
#endif
#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif
