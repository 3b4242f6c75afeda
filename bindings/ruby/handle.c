/* The objects around the library's handles, as native.h says. */
#include "ruby/native.h"

VALUE native_module, native_segment_class, native_list_class;

static void segment_release(void *segment)
{
    polyshm_segment_unref(segment);
}

static void list_release(void *list)
{
    polyshm_list_unref(list);
}

static void manager_release(void *manager)
{
    polyshm_manager_unref(manager);
}

const rb_data_type_t segment_type = {
    .wrap_struct_name = "Polyshm::SharedMemory",
    .function = {.dfree = segment_release},
    .flags = RUBY_TYPED_FREE_IMMEDIATELY,
};

const rb_data_type_t list_type = {
    .wrap_struct_name = "Polyshm::ShareableList",
    .function = {.dfree = list_release},
    .flags = RUBY_TYPED_FREE_IMMEDIATELY,
};

const rb_data_type_t manager_type = {
    .wrap_struct_name = "Polyshm::SharedMemoryManager",
    .function = {.dfree = manager_release},
    .flags = RUBY_TYPED_FREE_IMMEDIATELY,
};

VALUE handle_new(VALUE self, const rb_data_type_t *type)
{
    VALUE klass = type == &segment_type ? native_segment_class : native_list_class;
    return TypedData_Wrap_Struct(RB_TYPE_P(self, T_CLASS) ? self : klass, type, NULL);
}

void native_init(VALUE module, VALUE segment_class, VALUE list_class)
{
    native_module = module;
    native_segment_class = segment_class;
    native_list_class = list_class;
    native_init_list();
    native_init_lock();
    native_init_memory();
    native_init_io_buffer();
    native_init_memory_view();
}
