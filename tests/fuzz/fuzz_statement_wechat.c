/* libFuzzer: trade bills of WeChat Pay. See statement_target.h; run by make fuzz. */
#include "tests/fuzz/statement_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fuzz_statement(statement_extra(), bytes, size);
    return 0;
}
