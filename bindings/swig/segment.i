/* A process's handle on a block. */

%rename(SharedMemory) polyshm_segment;
%rename("SEGMENT_%(strip:[POLYSHM_SEGMENT_])s", regextarget=1, %$isenumitem) "^POLYSHM_SEGMENT_";
%nodefaultctor polyshm_segment;
%nodefaultdtor polyshm_segment;

enum {
    POLYSHM_SEGMENT_READONLY = 1,
    POLYSHM_SEGMENT_SPARSE = 2,
    POLYSHM_SEGMENT_SAME_USER = 4,
    POLYSHM_SEGMENT_TRACK = 8
};

struct polyshm_segment {};

%extend polyshm_segment {
    ~polyshm_segment() { polyshm_segment_unref($self); }

    static int32_t create(const char *name, uint64_t size, uint32_t mode, uint32_t flags, polyshm_segment **segment);
    static int32_t attach(const char *name, uint32_t flags, double timeout, polyshm_segment **segment);
    static int32_t create_or_attach(const char *name, uint64_t size, uint32_t mode, uint32_t flags,
                                    polyshm_segment **segment, int32_t *FLAG);
    static int32_t exists(const char *name, int32_t *FLAG);
    static int32_t attached(const char *name, int32_t *FLAG);

    int32_t name(const char **OUTPUT);
    int32_t size(uint64_t *OUTPUT);
    bool is_readonly();
    bool is_closed();
    int32_t read(uint64_t offset, void *data, uint64_t size);
    int32_t write(uint64_t offset, const void *data, uint64_t size);
    int32_t close();
    int32_t unlink();
}
