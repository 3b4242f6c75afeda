/* The exporter under a memoryview of a segment.
 *
 * It is an object of its own, with a pin on the segment, so that a SharedMemory can keep the memoryview and the
 * memoryview can outlive the SharedMemory, without a cycle. Views that are derived from it (slices, NumPy arrays) hold
 * on to it, and its death takes the pin back. */
#include "binding.h"

typedef struct {
    PyObject_HEAD polyshm_segment *segment;
    void *address;
    Py_ssize_t size;
} exporter;

static int exporter_getbuffer(PyObject *self, Py_buffer *buffer, int flags)
{
    const exporter *this = (exporter *)self;
    return PyBuffer_FillInfo(buffer, self, this->address, this->size, polyshm_segment_is_readonly(this->segment),
                             flags);
}

static void exporter_dealloc(PyObject *self)
{
    polyshm_segment_unpin(((exporter *)self)->segment);
    PyObject_Free(self);
}

static PyBufferProcs exporter_as_buffer = {.bf_getbuffer = exporter_getbuffer};

static PyTypeObject exporter_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "polyshm._polyshm.Exporter",
    .tp_basicsize = sizeof(exporter),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = "Keeps the bytes of a SharedMemory mapped for the views of it.",
    .tp_dealloc = exporter_dealloc,
    .tp_as_buffer = &exporter_as_buffer,
};

PyObject *view_new(polyshm_segment *segment)
{
    void *address;
    uint64_t size;
    int32_t status = polyshm_segment_pin(segment);
    if (status < 0)
        return error_raise(status);
    if ((status = polyshm_segment_address(segment, &address)) < 0 ||
        (status = polyshm_segment_size(segment, &size)) < 0) {
        polyshm_segment_unpin(segment);
        return error_raise(status);
    }
    exporter *new = PyObject_New(exporter, &exporter_type);
    if (!new) {
        polyshm_segment_unpin(segment);
        return NULL;
    }
    new->segment = segment;
    new->address = address;
    new->size = (Py_ssize_t)size;
    PyObject *view = PyMemoryView_FromObject((PyObject *)new);
    Py_DECREF(new);
    return view;
}

int view_init(void)
{
    return PyType_Ready(&exporter_type);
}
