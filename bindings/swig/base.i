/* What belongs to no object: versions, status codes, and the names of all blocks. */

%rename(version) polyshm_version;
%rename(abi_version) polyshm_abi_version;
%rename(block_names) polyshm_block_names;

const char *polyshm_version(void);
uint32_t polyshm_abi_version(void);

/* Brings its own memory (list.i says why it has no body). */
%feature("action") polyshm_block_names "result = names_of_blocks(arg1);";
int32_t polyshm_block_names(names *NAMES);

/* Any integer may be asked for; what is no status has no name. */
%inline %{
static const char *status_name(int64_t status)
{
    return polyshm_status_name(status >= INT32_MIN && status <= INT32_MAX ? (int32_t)status : INT32_MIN);
}
%}
