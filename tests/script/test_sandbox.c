/* The sandbox where no process can be killed: bench files and maps are read in the program itself. */
#include "tests/script/fixture.h"

#include "daq/script/sandbox.h"

static int run(const char *text, struct error *e)
{
	const struct sandbox_limits limits = {
		.memory = 8 << 20, .instructions = 2000000, .cpu_seconds = 5, .budget = "more than"};
	struct sandbox *s = NULL;
	int result;

	assert_int_equal(sandbox_open(&s, &limits, e), 0);
	result = sandbox_run(s, text, strlen(text), "x.lua", 0, e);
	sandbox_close(s);
	return result;
}

static void fails(const char *text, enum error_code code, const char *sentence)
{
	struct error e = ERROR_INIT;

	assert_int_equal(run(text, &e), -1);
	assert_sentence(&e, sentence);
	assert_int_equal(e.code, code);
}

static void works(const char *text)
{
	struct error e = ERROR_INIT;

	if (run(text, &e) != 0)
		fail_msg("%s", e.text);
}

static void pcall_cannot_swallow_the_instruction_limit(void **state)
{
	(void)state;
	fails("while true do end", ERROR_LIMIT, "x.lua:1: more than 2 million instructions: endless loop?");
	fails("while true do\n pcall(function() while true do end end) end", ERROR_LIMIT, "x.lua:2: more than 2 million");
	fails("local function f() while true do pcall(f) end end f()", ERROR_LIMIT, "more than 2 million");
	fails("pcall(function() while true do end end)", ERROR_LIMIT, "more than 2 million");
	fails("for w in ('x'):gmatch('x') do while true do end end", ERROR_LIMIT, "more than 2 million");
	fails("(('x'):rep(100)):gsub('x', function() while true do end end)", ERROR_LIMIT, "more than 2 million");
	fails("local t = setmetatable({}, { __tostring = function() while true do end end }) error(t)", ERROR_CONFIG,
		"ended with an error that is a table, not a text");
}

static void nothing_that_no_hook_sees_may_run_long(void **state)
{
	(void)state;
	fails("setmetatable({}, { __gc = function() end })", ERROR_CONFIG, "a metatable must not have __gc here");
	fails("setmetatable({}, { __len = function() return 1 << 60 end })", ERROR_CONFIG, "must not have __len");
	fails("xpcall(error, function() end)", ERROR_CONFIG, "'xpcall' is not available: use pcall");
	fails("local s = ''\ns:rep(1 << 60)", ERROR_CONFIG, "x.lua:2: string.rep would make");
	fails("table.move({}, 1, math.maxinteger - 1, 2)", ERROR_CONFIG, "table.move of more than");
	fails("while true do (('a'):rep(500)):find('.-.-x') end", ERROR_LIMIT, "endless loop?");
}

static void a_pattern_is_weighed_by_what_it_may_cost(void **state)
{
	(void)state;
	works("local line = ('word '):rep(16)\n"
	      "assert(line:match('^%s*(%w+)%s+(%w+)') == 'word')\n"
	      "assert(('2024-05-31'):match('(%d+)-(%d+)-(%d+)') == '2024')\n"
	      "assert(('a=b, c=d'):gsub('(%w+)=(%w+)', '%2=%1') == 'b=a, d=c')\n"
	      "assert(('x'):rep(9000):find('[*+-]') == nil)\n"
	      "assert(('%+%-%*'):find('%%%+%%%-') == 1)");
	fails("(('a'):rep(3000)):match('(a*)(a*)(a*)b')", ERROR_CONFIG, "x.lua:1: pattern '(a*)(a*)(a*)b' could take for ever on a text of 3000");
	fails("(('a'):rep(200)):gsub(('a?'):rep(30) .. 'b', '')", ERROR_CONFIG, "could take for ever");
	fails("(('a'):rep(20000)):find('(a*)%1b')", ERROR_CONFIG, "could take for ever");
}

static void memory_is_capped_even_under_pcall(void **state)
{
	(void)state;
	fails("local t = {}\nfor i = 1, 1e7 do t[i] = { i } end", ERROR_LIMIT, "x.lua:2: more than 8 MiB of memory");
	works("local ok = pcall(function() local s = 'x' while true do s = s .. s end end) assert(not ok)");
	fails("local function f() return 1 + f() end f()", ERROR_LIMIT, "x.lua:1: more than 8 MiB of memory");
}

static void bytecode_is_no_text(void **state)
{
	(void)state;
	fails("\x1bLua\x54", ERROR_CONFIG, "x.lua is compiled: only Lua text is taken");
}

static void a_name_that_nobody_defined_is_an_error(void **state)
{
	(void)state;
	fails("local x = 1\nif debug_mode then x = 2 end", ERROR_CONFIG, "x.lua:2: unknown name 'debug_mode'");
	works("debug_mode = true if debug_mode then return end error('x')");
	fails("prints = 1 prnts()", ERROR_CONFIG, "unknown name 'prnts' (did you mean 'prints'?)");
}

static void keys_are_visited_in_order(void **state)
{
	(void)state;
	works("local s = '' for k, v in pairs{ z = 1, y = 2, [3] = 'c', [1.5] = 'b', x = 3 } do s = s .. tostring(k) end\n"
	      "assert(s == '1.53xyz', s)\n"
	      "local t = { a = 1, b = 2, c = 3 } for k in pairs(t) do t.b = nil if k == 'b' then error('gone') end end");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pcall_cannot_swallow_the_instruction_limit),
		cmocka_unit_test(nothing_that_no_hook_sees_may_run_long),
		cmocka_unit_test(a_pattern_is_weighed_by_what_it_may_cost),
		cmocka_unit_test(memory_is_capped_even_under_pcall),
		cmocka_unit_test(bytecode_is_no_text),
		cmocka_unit_test(a_name_that_nobody_defined_is_an_error),
		cmocka_unit_test(keys_are_visited_in_order),
	};

	fixture_environment();
	return cmocka_run_group_tests(tests, NULL, fixture_remove);
}
