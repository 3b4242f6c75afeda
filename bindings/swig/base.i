/* Versions and status codes. */

%rename(version) polyshm_version;
%rename(abi_version) polyshm_abi_version;

const char *polyshm_version(void);
uint32_t polyshm_abi_version(void);

/* Any integer may be asked for; what is no status has no name. */
%inline %{
static const char *status_name(int64_t status)
{
    return polyshm_status_name(status >= INT32_MIN && status <= INT32_MAX ? (int32_t)status : INT32_MIN);
}
%}
