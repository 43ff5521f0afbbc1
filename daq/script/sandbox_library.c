#include "daq/script/sandbox.h"

#include "daq/base/settings.h"

#include <lauxlib.h>
#include <lualib.h>
#include <string.h>

enum {
	TEXT_MOST = 1 << 20,	/* bytes of a repeated text */
	REPEAT_MOST = 1000000,	/* times; an empty text repeated for ever grows no memory */
	MOVE_MOST = 1000000,	/* elements of table.move, which may be all nil */
	NAMES_MOST = 120,
};

/* The steps of one pattern match, at worst: more than this and it is refused. Some 2 s. */
static const double pattern_steps = 2e8;

static const char *const base_kept[] = {"assert", "error", "getmetatable", "ipairs", "next", "pairs", "pcall",
	"rawequal", "rawget", "rawlen", "rawset", "select", "setmetatable", "tonumber", "tostring", "type",
	"_VERSION", "math", "string", "table", NULL};
static const char *const string_kept[] = {"byte", "char", "find", "format", "gmatch", "gsub", "len", "lower",
	"match", "rep", "reverse", "sub", "upper", NULL};
static const char *const table_kept[] = {"concat", "insert", "move", "pack", "remove", "sort", "unpack", NULL};

/* What people look for who know other Luas, or hope for more. */
static const struct hint {
	const char *name, *text;
} hints[] = {
	{"io", "there are no files here"},
	{"os", "there are no processes or clocks here"},
	{"debug", "there is no debug library here"},
	{"coroutine", "there are no coroutines here"},
	{"package", "there are no modules here"},
	{"require", "there are no modules here; a bench file has include(\"x.lua\")"},
	{"dofile", "there are no files here; a bench file has include(\"x.lua\")"},
	{"loadfile", "there are no files here"},
	{"load", "texts cannot be run here"},
	{"loadstring", "texts cannot be run here"},
	{"collectgarbage", "memory is looked after"},
	{"xpcall", "use pcall"},
	{"utf8", "there is no utf8 library here"},
	{"unpack", "in Lua 5.4 it is table.unpack"},
	{"setfenv", "Lua 5.4 has none"},
	{"getfenv", "Lua 5.4 has none"},
	{"bit32", "Lua 5.4 has the operators & | ~ << >>"},
};

/* The original of a wrapper. Called in the wrapper's own frame, so that its errors keep line and name. */
static int original(lua_State *L)
{
	return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

/* Quantifiers of a pattern, and what multiplies its cost by the subject's length. */
static void weigh_pattern(const char *p, size_t length, int *stars, double *factor, double n)
{
	for (size_t i = 0; i < length; i++) {
		if (p[i] == '%' && i + 1 < length) {
			i++;
			if (p[i] == 'b' || (p[i] >= '0' && p[i] <= '9'))
				*factor *= n;
		} else if (p[i] == '[') {
			i += i + 1 < length && p[i + 1] == '^';
			i += i + 1 < length && p[i + 1] == ']';
			while (i + 1 < length && p[i] != ']')
				i += p[i] == '%' ? 2 : 1;
		} else if (p[i] == '*' || p[i] == '+' || p[i] == '-') {
			++*stars;
		} else if (p[i] == '?') {
			*factor *= 2;
		}
	}
}

/* k quantifiers share n characters in C(n + k, k) ways; without an anchor that from each character on. */
static void refuse_costly_pattern(lua_State *L)
{
	size_t n, length;
	const char *subject = luaL_checklstring(L, 1, &n), *pattern = luaL_checklstring(L, 2, &length);
	double steps = pattern[0] == '^' ? 1 : (double)n + 1;
	int stars = 0;

	(void)subject;
	weigh_pattern(pattern, length, &stars, &steps, (double)n + 1);
	for (int i = 1; i <= stars && steps <= pattern_steps; i++)
		steps *= ((double)n + i) / i;
	if (!(steps <= pattern_steps))
		luaL_error(L, "pattern '%s' could take for ever on a text of %d characters: use fewer of * + - or "
			"anchor it with ^", pattern, (int)n);
	sandbox_check(L);
}

static int capped_pattern(lua_State *L)
{
	refuse_costly_pattern(L);
	return original(L);
}

static int capped_find(lua_State *L)
{
	if (!lua_toboolean(L, 4))
		refuse_costly_pattern(L);
	return original(L);
}

static int capped_rep(lua_State *L)
{
	size_t length, separator;
	lua_Integer n = luaL_checkinteger(L, 2);

	luaL_checklstring(L, 1, &length);
	luaL_optlstring(L, 3, "", &separator);
	if (n > REPEAT_MOST || (n > 0 && (length + separator) > (size_t)(TEXT_MOST / n)))
		return luaL_error(L, "string.rep would make a text of more than %d bytes", (int)TEXT_MOST);
	sandbox_check(L);
	return original(L);
}

static int capped_move(lua_State *L)
{
	lua_Integer from = luaL_checkinteger(L, 2), to = luaL_checkinteger(L, 3);

	if (to > from && (lua_Unsigned)to - (lua_Unsigned)from >= MOVE_MOST)
		return luaL_error(L, "table.move of more than %d elements", (int)MOVE_MOST);
	sandbox_check(L);
	return original(L);
}

/* A finalizer runs where no hook reaches it; a length that lies makes table functions loop. */
static int capped_setmetatable(lua_State *L)
{
	static const char *const refused[] = {"__gc", "__len", "__close", NULL};

	if (lua_type(L, 2) == LUA_TTABLE)
		for (int i = 0; refused[i]; i++) {
			lua_pushstring(L, refused[i]);
			if (lua_rawget(L, 2) != LUA_TNIL)
				return luaL_error(L, "a metatable must not have %s here", refused[i]);
			lua_pop(L, 1);
		}
	return original(L);
}

static int fixed_randomseed(lua_State *L)
{
	lua_Integer seed = luaL_checkinteger(L, 1);

	lua_pushvalue(L, lua_upvalueindex(1));
	lua_pushinteger(L, seed);
	lua_pushinteger(L, 0);
	lua_call(L, 2, 0);
	return 0;
}

static int key_rank(lua_State *L, int index)
{
	int type = lua_type(L, index);

	return type == LUA_TNUMBER ? 0 : type == LUA_TSTRING ? 1 : 2;
}

static int key_before(lua_State *L)
{
	int a = key_rank(L, 1), b = key_rank(L, 2);

	lua_pushboolean(L, a != b ? a < b : a < 2 && lua_compare(L, 1, 2, LUA_OPLT));
	return 1;
}

static int pairs_next(lua_State *L)
{
	lua_Integer i = lua_tointeger(L, lua_upvalueindex(3));

	for (;;) {
		lua_settop(L, 0);
		if (lua_rawgeti(L, lua_upvalueindex(2), ++i) == LUA_TNIL)
			return 1;
		lua_pushvalue(L, 1);
		if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
			break;
	}
	lua_pushinteger(L, i);
	lua_replace(L, lua_upvalueindex(3));
	return 2;
}

/* Upvalue: table.sort. Lua's own order of text keys differs from run to run. */
static int ordered_pairs(lua_State *L)
{
	lua_Integer n = 0;

	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	lua_newtable(L);
	lua_pushnil(L);
	while (lua_next(L, 1)) {
		lua_pop(L, 1);
		lua_pushvalue(L, -1);
		lua_rawseti(L, 2, ++n);
	}
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_pushvalue(L, 2);
	lua_pushcfunction(L, key_before);
	lua_call(L, 2, 0);
	lua_pushinteger(L, 0);
	lua_pushcclosure(L, pairs_next, 3);
	return 1;
}

/* __index of the globals: a name that nobody defined. */
static int unknown_global(lua_State *L)
{
	const char *name = lua_tostring(L, 2), *names[NAMES_MOST + 1], *near;
	int n = 0;

	if (lua_type(L, 2) != LUA_TSTRING)
		return 0;
	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
		if (strcmp(hints[i].name, name) == 0)
			return luaL_error(L, "'%s' is not available: %s", name, hints[i].text);
	lua_pushnil(L);
	while (lua_next(L, 1)) {
		lua_pop(L, 1);
		if (lua_type(L, -1) == LUA_TSTRING && n < NAMES_MOST)
			names[n++] = lua_tostring(L, -1);
	}
	names[n] = NULL;
	near = nearest_name(name, names);
	if (near)
		return luaL_error(L, "unknown name '%s' (did you mean '%s'?)", name, near);
	return luaL_error(L, "unknown name '%s'", name);
}

static bool listed(const char *const *names, const char *name)
{
	for (; *names; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

/* Removes from the table on top what is not in the list. */
static void keep_only(lua_State *L, const char *const *names)
{
	lua_pushnil(L);
	while (lua_next(L, -2)) {
		lua_pop(L, 1);
		if (listed(names, lua_tostring(L, -1)))
			continue;
		lua_pushvalue(L, -1);
		lua_pushnil(L);
		lua_rawset(L, -4);
	}
}

/* Replaces a function of the table on top by one that has it as upvalue. */
static void wrap(lua_State *L, const char *name, lua_CFunction wrapper)
{
	lua_getfield(L, -1, name);
	lua_pushcclosure(L, wrapper, 1);
	lua_setfield(L, -2, name);
}

static void open_string(lua_State *L)
{
	luaL_requiref(L, "string", luaopen_string, 1);
	keep_only(L, string_kept);
	wrap(L, "find", capped_find);
	wrap(L, "match", capped_pattern);
	wrap(L, "gmatch", capped_pattern);
	wrap(L, "gsub", capped_pattern);
	wrap(L, "rep", capped_rep);
	lua_pop(L, 1);
	lua_pushliteral(L, "");
	lua_getmetatable(L, -1);
	lua_pushboolean(L, 0);
	lua_setfield(L, -2, "__metatable");
	lua_pop(L, 2);
}

static void open_math(lua_State *L)
{
	luaL_requiref(L, "math", luaopen_math, 1);
	wrap(L, "randomseed", fixed_randomseed);
	lua_getfield(L, -1, "randomseed");
	lua_pushinteger(L, 1);
	lua_call(L, 1, 0);
	lua_pop(L, 1);
}

int sandbox_library(lua_State *L)
{
	luaL_requiref(L, "_G", luaopen_base, 1);
	lua_pop(L, 1);
	open_string(L);
	open_math(L);
	luaL_requiref(L, "table", luaopen_table, 1);
	keep_only(L, table_kept);
	wrap(L, "move", capped_move);
	lua_pop(L, 1);

	lua_pushglobaltable(L);
	keep_only(L, base_kept);
	wrap(L, "setmetatable", capped_setmetatable);
	lua_getglobal(L, "table");
	lua_getfield(L, -1, "sort");
	lua_pushcclosure(L, ordered_pairs, 1);
	lua_setfield(L, -3, "pairs");
	lua_pop(L, 1);
	lua_newtable(L);
	lua_pushcfunction(L, unknown_global);
	lua_setfield(L, -2, "__index");
	lua_pushboolean(L, 0);
	lua_setfield(L, -2, "__metatable");
	lua_setmetatable(L, -2);
	return 0;
}
