/* Versions and status codes. */

%rename(version) polyshm_version;
%rename(abi_version) polyshm_abi_version;
%rename(status_name) polyshm_status_name;

const char *polyshm_version(void);
uint32_t polyshm_abi_version(void);
const char *polyshm_status_name(int64_t status);
