# What VARIANT=asan, tsan, coverage or mutants changes in how things are built. Without one nothing:
# SANITIZE, COVERAGE and IMAGE (an object of the command and of the library) are empty then.

,       := ,
SANITIZE := $(if $(filter asan,$(VARIANT)),-fsanitize=address$(,)undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer)$(if $(filter tsan,$(VARIANT)),-fsanitize=thread)
# Of a mutant one object is made anew, and no unit test: they find it in a library. Its loader asks
# for all variables that it names, those of real.c and loader.S too.
UNIT_LACKS := libc_table real_bound real_table $(addprefix loader_,gmon_start dlsym dlvsym dlopen dlmopen)
ifeq ($(VARIANT),mutants)
SANITIZE := -fPIC -Wl,--allow-shlib-undefined
UNIT_ARCHIVE = $(CC) -shared -o $@ $^ $(foreach s,$(UNIT_LACKS),-Wl$(,)--defsym=$(s)=0)
else
UNIT_ARCHIVE = rm -f $@; ar rcs $@ $^
endif
# clang counts what is reached, tests/coverage/image.c keeps it. Programs stay what they are.
VICTIM_CC := $(CC)
COVERAGE :=
ifeq ($(VARIANT),coverage)
CC := clang
COVERAGE := -fprofile-instr-generate -fcoverage-mapping -mllvm -runtime-counter-relocation \
	-mllvm -do-counter-promotion=0 -gdwarf-4 -Wno-unused-command-line-argument \
	-Wno-incompatible-function-pointer-types
IMAGE := $(BUILD)/coverage/image.o
endif
