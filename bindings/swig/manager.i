/* A manager: an owner of blocks, shared by name. */

%rename(SharedMemoryManager) polyshm_manager;
%nodefaultctor polyshm_manager;
%nodefaultdtor polyshm_manager;

%apply const char *name { const char *address };

struct polyshm_manager {};

/* Brings its own memory (list.i says why it has no body). */
%feature("action") polyshm_manager::names "result = names_of_manager(arg1, arg2);";

%extend polyshm_manager {
    ~polyshm_manager() { polyshm_manager_unref($self); }

    static int32_t start(const char *address, const void *authkey, uint64_t authkey_size, polyshm_manager **manager);
    static int32_t connect(const char *address, const void *authkey, uint64_t authkey_size,
                           polyshm_manager **manager);

    int32_t address(const char **OUTPUT);
    int32_t create_segment(const char *name, uint64_t size, uint32_t mode, uint32_t flags, polyshm_segment **segment);
    int32_t create_list(const char *name, const polyshm_value *values, uint64_t count, uint64_t spare,
                        uint32_t mode, uint32_t flags, polyshm_list **list);
    int32_t adopt(const char *name);
    int32_t release(const char *name);
    int32_t names(names *NAMES);

    bool is_owner();
    bool is_closed();
    int32_t shutdown();
    int32_t join(double timeout);
    int32_t close();
}
