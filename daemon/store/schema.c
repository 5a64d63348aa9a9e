/* The schema's versions. See schema.h. */
#include "daemon/store/schema.h"

#include <stdio.h>

#include "daemon/base/crypto.h"
#include "daemon/base/embed.h"
#include "daemon/store/chain.h"
#include "daemon/store/store.h"

EMBED(schema_sql, "daemon/store/schema.sql");
EMBED(schema_2_sql, "daemon/store/schema-2.sql");
EMBED(schema_3_sql, "daemon/store/schema-3.sql");
EMBED(schema_4_sql, "daemon/store/schema-4.sql");
EMBED(schema_5_sql, "daemon/store/schema-5.sql");
EMBED(schema_6_sql, "daemon/store/schema-6.sql");
EMBED(schema_7_sql, "daemon/store/schema-7.sql");

/* "park", in the header of the file. */
enum { APPLICATION_ID = 0x7061726b };

/* A new file's row about itself. */
static bool found(struct sql *sql, struct err *err)
{
    uint8_t bytes[(STORE_LINEAGE_SIZE - 1) / 2];
    char genesis[STORE_LINEAGE_SIZE];

    crypto_random(bytes, sizeof bytes);
    crypto_hex(bytes, sizeof bytes, genesis);
    struct hash hash = chain_genesis(genesis);
    struct statement *insert =
        sql_prepare(sql, "INSERT INTO meta VALUES(1, ?1, ?1, 0, ?2, 0, 1, 0)", err);
    if (!insert)
        return false;
    sql_bind_text(insert, 1, genesis, sizeof genesis - 1);
    sql_bind_blob(insert, 2, hash.bytes, sizeof hash.bytes);
    bool good = sql_do(insert, err);
    sql_finalize(insert);
    return good;
}

/* Row n brings schema n to n + 1. A released row never changes. */
static const struct {
    const char *sql;
    bool (*then)(struct sql *sql, struct err *err); /* what SQL cannot say; NULL nothing */
} steps[STORE_SCHEMA_VERSION] = {
    {schema_sql, found},  {schema_2_sql, NULL}, {schema_3_sql, NULL}, {schema_4_sql, NULL},
    {schema_5_sql, NULL}, {schema_6_sql, NULL}, {schema_7_sql, NULL},
};

static bool take_step(struct sql *sql, int64_t from, struct err *err)
{
    char version[64];

    snprintf(version, sizeof version, "PRAGMA user_version=%d; PRAGMA application_id=%d;",
             (int)from + 1, APPLICATION_ID);
    if (sql_run(sql, "BEGIN IMMEDIATE", err) && sql_run(sql, steps[from].sql, err) &&
        (!steps[from].then || steps[from].then(sql, err)) && sql_run(sql, version, err) &&
        sql_run(sql, "COMMIT", err))
        return true;
    sql_rollback(sql);
    return false;
}

static bool read_version(struct sql *sql, const char *path, int64_t *ret, struct err *err)
{
    int64_t id = 0, tables = 0;

    if (!sql_number(sql, "PRAGMA user_version", ret, err) ||
        !sql_number(sql, "PRAGMA application_id", &id, err) ||
        !sql_number(sql, "SELECT count(*) FROM sqlite_schema", &tables, err))
        return false;
    if (tables > 0 && id != APPLICATION_ID)
        return err_set(err, "database \"%s\": it belongs to another program; choose another path",
                       path);
    if (*ret < 0 || *ret > STORE_SCHEMA_VERSION)
        return err_set(err,
                       "database \"%s\": its schema is %d, this version knows up to %d; install "
                       "the version that wrote it, or restore a backup of before",
                       path, (int)*ret, STORE_SCHEMA_VERSION);
    return true;
}

bool schema_migrate(struct sql *sql, const char *path, struct err *err)
{
    int64_t version;

    if (!read_version(sql, path, &version, err))
        return false;
    while (version < STORE_SCHEMA_VERSION)
        if (!take_step(sql, version++, err))
            return false;
    return true;
}

bool schema_check(struct sql *sql, const char *path, struct err *err)
{
    int64_t version;

    if (!read_version(sql, path, &version, err))
        return false;
    if (version < STORE_SCHEMA_VERSION)
        return err_set(err,
                       "database \"%s\": its schema is %d, %d is needed; start parkd once, which "
                       "brings it forward",
                       path, (int)version, STORE_SCHEMA_VERSION);
    return true;
}
