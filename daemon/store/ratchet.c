/* The ratchet. See ratchet.h. */
#include "daemon/store/ratchet.h"

#include <string.h>

struct ratchet ratchet_begin(const struct key *root)
{
    return (struct ratchet){.epoch = 0, .secret = crypto_derive(root, "parkd chain")};
}

void ratchet_step(struct ratchet *ratchet)
{
    struct key next = crypto_derive(&ratchet->secret, "parkd ratchet");

    crypto_wipe(&ratchet->secret, sizeof ratchet->secret);
    ratchet->secret = next;
    ratchet->epoch++;
    crypto_wipe(&next, sizeof next);
}

static void big_endian(uint64_t value, uint8_t ret[8])
{
    for (int i = 7; i >= 0; i--, value >>= 8)
        ret[i] = (uint8_t)value;
}

struct hash ratchet_seal(const struct ratchet *ratchet, const struct chain *at)
{
    struct key key = crypto_derive(&ratchet->secret, "parkd seal");
    uint8_t epoch[8], seq[8];

    big_endian(ratchet->epoch, epoch);
    big_endian(at->seq, seq);
    const struct crypto_part parts[] = {
        {epoch, sizeof epoch}, {seq, sizeof seq}, {at->hash.bytes, sizeof at->hash.bytes}};
    struct hash seal = crypto_hmac(&key, parts, sizeof parts / sizeof *parts);
    crypto_wipe(&key, sizeof key);
    return seal;
}

struct hash ratchet_commitment(const struct ratchet *ratchet)
{
    static const char word[] = "parkd commitment";
    struct key key = crypto_derive(&ratchet->secret, "parkd seal");
    uint8_t epoch[8];

    big_endian(ratchet->epoch, epoch);
    const struct crypto_part parts[] = {
        {word, strlen(word)}, {epoch, sizeof epoch}, {key.bytes, sizeof key.bytes}};
    struct hash commitment = crypto_sha256(parts, sizeof parts / sizeof *parts);
    crypto_wipe(&key, sizeof key);
    return commitment;
}
