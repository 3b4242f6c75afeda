/* buf:pack and buf:unpack: the formats of Lua 5.4's string.pack, in every Lua.
 *
 * Lua 5.1 and LuaJIT have no string.pack, and what others made of it for them rounds integers beyond 2^53. Here they go
 * through number.c and are exact. What is read comes out of the block field by field: nobody need guess how many bytes
 * a format such as "z" or "s4" is going to take. */
#include "lua/binding.h"

#include <string.h>

enum { WIDEST = 16, FIRST_VALUE = 4 };

static const size_t INTEGER = sizeof(int64_t);

typedef enum { SIGNED, UNSIGNED, REAL, CHARACTERS, COUNTED, TEXT, PADDING, ALIGNMENT, NOTHING } field_kind;

/* One field of a format: size is that of its number or characters, or of the count before them. */
typedef struct {
    field_kind kind;
    size_t size;
    size_t padding; /* before it */
} field;

/* What is left of a format, and how many bytes its fields have taken so far. */
typedef struct {
    lua_State *L;
    luaL_Buffer *into; /* when packing */
    const char *rest;
    uint64_t done;
    size_t alignment; /* at most */
    bool big_endian;
} format;

/* The letters that are fields. What may have digits behind it has them counted in bytes. */
static const struct {
    char letter;
    field_kind kind;
    size_t size;
    bool digits;
} LETTERS[] = {
    {'b', SIGNED, 1, false},  {'B', UNSIGNED, 1, false},  {'h', SIGNED, 2, false},   {'H', UNSIGNED, 2, false},
    {'i', SIGNED, 4, true},   {'I', UNSIGNED, 4, true},   {'l', SIGNED, 8, false},   {'L', UNSIGNED, 8, false},
    {'j', SIGNED, 8, false},  {'J', UNSIGNED, 8, false},  {'T', UNSIGNED, 8, false}, {'f', REAL, 4, false},
    {'d', REAL, 8, false},    {'n', REAL, 8, false},      {'s', COUNTED, 8, true},   {'z', TEXT, 0, false},
    {'x', PADDING, 1, false}, {'X', ALIGNMENT, 0, false}, {' ', NOTHING, 0, false},
};

static bool is_digit(char letter)
{
    return letter >= '0' && letter <= '9';
}

static size_t format_digits(format *from, size_t otherwise)
{
    size_t number = 0;
    if (!is_digit(*from->rest))
        return otherwise;
    for (; is_digit(*from->rest) && number < (INT64_MAX - 9) / 10; from->rest++)
        number = number * 10 + (size_t)(*from->rest - '0');
    return number;
}

static size_t format_width(format *from, size_t otherwise)
{
    size_t size = format_digits(from, otherwise);
    if (size < 1 || size > WIDEST)
        luaL_error(from->L, "format: an integer or an alignment has 1 to %d bytes", WIDEST);
    return size;
}

/* Takes what is said of all the fields that follow; a field of its own it is not. */
static void format_set(format *from, char letter)
{
    if (letter == '!')
        from->alignment = format_width(from, INTEGER);
    else if (letter == '<' || letter == '>' || letter == '=')
        from->big_endian = letter == '>';
    else
        luaL_error(from->L, "format: there is no option '%c'", letter);
}

static field format_letter(format *from)
{
    char letter = *from->rest++;
    if (letter == 'c') {
        if (!is_digit(*from->rest))
            luaL_error(from->L, "format: option 'c' needs a size");
        return (field){CHARACTERS, format_digits(from, 0), 0};
    }
    for (size_t i = 0; i < sizeof LETTERS / sizeof *LETTERS; i++) {
        if (LETTERS[i].letter == letter) {
            size_t size = LETTERS[i].digits ? format_width(from, LETTERS[i].size) : LETTERS[i].size;
            return (field){LETTERS[i].kind, size, 0};
        }
    }
    format_set(from, letter);
    return (field){NOTHING, 0, 0};
}

static size_t format_padding(const format *from, size_t alignment)
{
    if (alignment > from->alignment)
        alignment = from->alignment;
    if (alignment <= 1)
        return 0;
    if (alignment & (alignment - 1))
        luaL_error(from->L, "format: %d is no alignment, which is a power of 2", (int)alignment);
    return (alignment - (size_t)(from->done & (alignment - 1))) & (alignment - 1);
}

/* False behind the last field. */
static bool format_next(format *from, field *next)
{
    if (!*from->rest)
        return false;
    *next = format_letter(from);
    if (next->kind == ALIGNMENT) {
        field model = *from->rest ? format_letter(from) : *next;
        if (model.kind == CHARACTERS || model.size == 0)
            luaL_error(from->L, "format: option 'X' needs a field to be aligned as");
        next->padding = format_padding(from, model.size);
    } else if (next->kind != CHARACTERS) {
        next->padding = format_padding(from, next->size);
    }
    return true;
}

static format format_check(lua_State *L, luaL_Buffer *into)
{
    luaL_checktype(L, 2, LUA_TSTRING);
    return (format){.L = L, .into = into, .rest = lua_tostring(L, 2), .alignment = 1};
}

/* The machine's order is little-endian. */
static void order(const format *from, unsigned char *bytes, size_t size)
{
    for (size_t i = 0; from->big_endian && i < size / 2; i++) {
        unsigned char byte = bytes[i];
        bytes[i] = bytes[size - 1 - i];
        bytes[size - 1 - i] = byte;
    }
}

static bool fits(field_kind kind, size_t size, int64_t integer)
{
    if (size >= INTEGER)
        return true;
    int64_t beyond = INT64_C(1) << (8 * size - (kind == SIGNED));
    return integer < beyond && integer >= (kind == SIGNED ? -beyond : 0);
}

static void pack_bytes(format *to, const void *bytes, size_t size)
{
    luaL_addlstring(to->into, bytes, size);
    to->done += size;
}

static void pack_zeros(format *to, size_t count)
{
    for (to->done += count; count; count--)
        luaL_addchar(to->into, '\0');
}

static void pack_integer(format *to, field_kind kind, size_t size, int64_t integer)
{
    unsigned char bytes[WIDEST];
    memset(bytes, kind == SIGNED && integer < 0 ? 0xff : 0, sizeof bytes);
    memcpy(bytes, &integer, INTEGER);
    order(to, bytes, size);
    pack_bytes(to, bytes, size);
}

static void pack_real(format *to, size_t size, double real)
{
    unsigned char bytes[sizeof real];
    float single = (float)real;
    memcpy(bytes, size == sizeof single ? (const void *)&single : &real, size);
    order(to, bytes, size);
    pack_bytes(to, bytes, size);
}

static void pack_string(format *to, const field *as, int value)
{
    size_t size;
    const char *string = lua_tolstring(to->L, value, &size);
    int number = value - FIRST_VALUE + 1;
    if (as->kind == CHARACTERS && size > as->size)
        luaL_error(to->L, "value %d: the string is longer than its field", number);
    if (as->kind == COUNTED && !fits(UNSIGNED, as->size, (int64_t)size))
        luaL_error(to->L, "value %d: the string is longer than %d bytes can count", number, (int)as->size);
    if (as->kind == TEXT && strlen(string) != size)
        luaL_error(to->L, "value %d: the string has a NUL, which would end it", number);

    if (as->kind == COUNTED)
        pack_integer(to, UNSIGNED, as->size, (int64_t)size);
    pack_bytes(to, string, size);
    pack_zeros(to, as->kind == CHARACTERS ? as->size - size : as->kind == TEXT);
}

static void pack_value(format *to, const field *as, int value)
{
    lua_State *L = to->L;
    int64_t integer = 0;
    bool whole = as->kind == SIGNED || as->kind == UNSIGNED;
    if (whole && number_to_int64(L, value, &integer) && fits(as->kind, as->size, integer)) {
        pack_integer(to, as->kind, as->size, integer);
        return;
    }
    int wanted = whole || as->kind == REAL ? LUA_TNUMBER : LUA_TSTRING;
    if (whole || lua_type(L, value) != wanted)
        luaL_error(L, "value %d: %s%s expected, got %s", value - FIRST_VALUE + 1,
                   whole ? "an integer that fits its field, a " : "", lua_typename(L, wanted), luaL_typename(L, value));
    if (as->kind == REAL)
        pack_real(to, as->size, lua_tonumber(L, value));
    else
        pack_string(to, as, value);
}

int buffer_pack(lua_State *L)
{
    luaL_Buffer into;
    format to = format_check(L, &into);
    uint64_t offset = (uint64_t)number_check(L, 3, "offset", 0, INT64_MAX);
    int value = FIRST_VALUE, last = lua_gettop(L);

    luaL_buffinit(L, &into);
    for (field next; format_next(&to, &next);) {
        buffer_check(L, offset, to.done + next.padding + next.size);
        pack_zeros(&to, next.padding + (next.kind == PADDING));
        if (next.kind >= PADDING)
            continue;
        if (value > last)
            return luaL_error(L, "the format has more fields than there are values: %d", last - FIRST_VALUE + 1);
        pack_value(&to, &next, value++);
    }
    luaL_pushresult(&into);
    buffer_store(L, offset, lua_tostring(L, -1), (size_t)to.done);
    number_push_int64(L, (int64_t)(offset + to.done));
    return 1;
}

/* The bytes at a field's place, in the machine's order. */
static void unpack_bytes(const format *from, uint64_t offset, unsigned char *bytes, size_t size)
{
    buffer_load(from->L, offset, bytes, size);
    order(from, bytes, size);
}

static int64_t unpack_integer(const format *from, uint64_t offset, field_kind kind, size_t size)
{
    unsigned char bytes[WIDEST] = {0};
    int64_t integer;
    unpack_bytes(from, offset, bytes, size);
    if (kind == SIGNED && size < INTEGER && bytes[size - 1] & 0x80)
        memset(bytes + size, 0xff, INTEGER - size);
    memcpy(&integer, bytes, INTEGER);
    for (size_t i = INTEGER; i < size; i++) {
        if (bytes[i] != (kind == SIGNED && integer < 0 ? 0xff : 0))
            luaL_error(from->L, "an integer of %d bytes does not fit 64 bits", (int)size);
    }
    return integer;
}

static double unpack_real(const format *from, uint64_t offset, size_t size)
{
    unsigned char bytes[sizeof(double)];
    float single;
    double real;
    unpack_bytes(from, offset, bytes, size);
    memcpy(size == sizeof single ? (void *)&single : &real, bytes, size);
    return size == sizeof single ? (double)single : real;
}

/* Pushes the field's value, and gives how many bytes that took. */
static uint64_t unpack_value(const format *from, const field *as, uint64_t offset)
{
    uint64_t size = as->size;
    switch (as->kind) {
    case SIGNED:
    case UNSIGNED:
        number_push_int64(from->L, unpack_integer(from, offset, as->kind, as->size));
        return size;
    case REAL:
        lua_pushnumber(from->L, unpack_real(from, offset, as->size));
        return size;
    case TEXT:
        size = buffer_find_nul(from->L, offset);
        buffer_push(from->L, offset, size);
        return size + 1;
    case COUNTED:
        size = (uint64_t)unpack_integer(from, offset, UNSIGNED, as->size);
        buffer_push(from->L, offset + as->size, size);
        return size + as->size;
    default:
        buffer_push(from->L, offset, size);
        return size;
    }
}

int buffer_unpack(lua_State *L)
{
    format from = format_check(L, NULL);
    uint64_t offset = (uint64_t)number_check(L, 3, "offset", 0, INT64_MAX);
    int values = 0;

    buffer_check(L, offset, 0);
    for (field next; format_next(&from, &next);) {
        from.done += next.padding + (next.kind == PADDING);
        buffer_check(L, offset, from.done);
        if (next.kind >= PADDING)
            continue;
        luaL_checkstack(L, 4, "the format has too many fields");
        from.done += unpack_value(&from, &next, offset + from.done);
        values++;
    }
    number_push_int64(L, (int64_t)(offset + from.done));
    return values + 1;
}
