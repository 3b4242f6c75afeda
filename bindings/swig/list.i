/* A ShareableList: typed items in a block. */

%rename(ShareableList) polyshm_list;
%nodefaultctor polyshm_list;
%nodefaultdtor polyshm_list;

enum {
    POLYSHM_TYPE_NONE = 0,
    POLYSHM_TYPE_BOOL = 1,
    POLYSHM_TYPE_INT64 = 2,
    POLYSHM_TYPE_FLOAT64 = 3,
    POLYSHM_TYPE_STR = 4,
    POLYSHM_TYPE_BYTES = 5
};

%apply const polyshm_value *value { const polyshm_value *expected, const polyshm_value *desired };

struct polyshm_list {};

/* These four bring their own memory. A body in %extend would become a C function of the library's own name. */
%feature("action") polyshm_list::get "result = item_get(arg1, arg2, arg3);";
%feature("action") polyshm_list::read "result = items_read(arg1, arg2, arg3, arg4);";
%feature("action") polyshm_list::snapshot "result = items_snapshot(arg1, arg2, arg3);";
%feature("action") polyshm_list::format "result = items_format(arg1, arg2);";

/* As its segment is. */
%feature("action") polyshm_list::is_readonly "result = list_is_readonly(arg1);";

/* Gives whether the lock's last holder died with it. */
%feature("action") polyshm_list::lock
    "result = polyshm_list_lock(arg1, arg2); *arg3 = result == POLYSHM_OWNER_DIED;";

%extend polyshm_list {
    ~polyshm_list() { polyshm_list_unref($self); }

    static int32_t create(const char *name, const polyshm_value *values, uint64_t count, uint64_t spare,
                          uint32_t mode, uint32_t flags, polyshm_list **list);
    static int32_t attach(const char *name, uint32_t flags, double timeout, polyshm_list **list);

    int32_t length(uint64_t *OUTPUT);
    int32_t type(int64_t index, int32_t *OUTPUT);
    int32_t capacity(int64_t start, uint64_t count, uint64_t *OUTPUT);
    int32_t get(int64_t index, item *ITEM);
    int32_t set(int64_t index, const polyshm_value *value);
    int32_t read(int64_t start, uint64_t count, items *ITEMS);
    int32_t write(int64_t start, const polyshm_value *values, uint64_t count);
    int32_t format(char **TEXT);
    int32_t count(const polyshm_value *value, uint64_t *OUTPUT);
    int32_t index(const polyshm_value *value, int64_t *OUTPUT);

    int32_t add(int64_t index, int64_t delta, int64_t *OUTPUT);
    int32_t compare_exchange(int64_t index, const polyshm_value *expected, const polyshm_value *desired,
                             int32_t *FLAG);
    int32_t snapshot(items *ITEMS, uint64_t *OUTPUT);
    int32_t lock(double timeout, int32_t *FLAG);
    int32_t unlock();
    int32_t set_timeout(double timeout);
    bool is_synchronized();
    int32_t version(uint64_t *OUTPUT);
    int32_t item_version(int64_t index, uint64_t *OUTPUT);
    int32_t wait(uint64_t seen, double timeout, uint64_t *OUTPUT);
    int32_t wait_item(int64_t index, uint64_t seen, double timeout, uint64_t *OUTPUT);

    int32_t segment(polyshm_segment **segment);
    bool is_readonly();
    bool is_closed();
    int32_t close();
    int32_t unlink();
}
