/* SPDX-License-Identifier: MIT */
#include "core/openssl/algorithm.h"

#include <openssl/objects.h>
#include <openssl/tls1.h>

enum { UNKNOWN_NID = TLSEXT_nid_unknown, ID_MASK = 0xffff };

static const struct {
  unsigned id;
  int nid;
  const char *name;
} groups[] = {
    {0x0017, NID_X9_62_prime256v1, "P-256"},
    {0x0018, NID_secp384r1, "P-384"},
    {0x0019, NID_secp521r1, "P-521"},
    {0x001d, NID_X25519, "X25519"},
    {0x001e, NID_X448, "X448"},
    {0x001a, NID_brainpoolP256r1, "brainpoolP256r1"},
    {0x001b, NID_brainpoolP384r1, "brainpoolP384r1"},
    {0x001c, NID_brainpoolP512r1, "brainpoolP512r1"},
    {0x001f, NID_undef, "brainpoolP256r1tls13"},
    {0x0020, NID_undef, "brainpoolP384r1tls13"},
    {0x0021, NID_undef, "brainpoolP512r1tls13"},
    {0x0100, NID_ffdhe2048, "ffdhe2048"},
    {0x0101, NID_ffdhe3072, "ffdhe3072"},
    {0x0102, NID_ffdhe4096, "ffdhe4096"},
    {0x0103, NID_ffdhe6144, "ffdhe6144"},
    {0x0104, NID_ffdhe8192, "ffdhe8192"},
    {0x0200, NID_undef, "MLKEM512"},
    {0x0201, NID_undef, "MLKEM768"},
    {0x0202, NID_undef, "MLKEM1024"},
    {0x11eb, NID_undef, "SecP256r1MLKEM768"},
    {0x11ec, NID_undef, "X25519MLKEM768"},
    {0x11ed, NID_undef, "SecP384r1MLKEM1024"},
};

static const struct {
  unsigned id;
  const char *name;
} schemes[] = {
    {0x0403, "ecdsa_secp256r1_sha256"},
    {0x0503, "ecdsa_secp384r1_sha384"},
    {0x0603, "ecdsa_secp521r1_sha512"},
    {0x0807, "ed25519"},
    {0x0808, "ed448"},
    {0x0809, "rsa_pss_pss_sha256"},
    {0x080a, "rsa_pss_pss_sha384"},
    {0x080b, "rsa_pss_pss_sha512"},
    {0x0804, "rsa_pss_rsae_sha256"},
    {0x0805, "rsa_pss_rsae_sha384"},
    {0x0806, "rsa_pss_rsae_sha512"},
    {0x0401, "rsa_pkcs1_sha256"},
    {0x0501, "rsa_pkcs1_sha384"},
    {0x0601, "rsa_pkcs1_sha512"},
    {0x0904, "mldsa44"},
    {0x0905, "mldsa65"},
    {0x0906, "mldsa87"},
    {0x081a, "ecdsa_brainpoolP256r1tls13_sha256"},
    {0x081b, "ecdsa_brainpoolP384r1tls13_sha384"},
    {0x081c, "ecdsa_brainpoolP512r1tls13_sha512"},
    {0x0303, "ecdsa_sha224"},
    {0x0203, "ecdsa_sha1"},
    {0x0301, "rsa_pkcs1_sha224"},
    {0x0201, "rsa_pkcs1_sha1"},
    {0x0402, "dsa_sha256"},
    {0x0502, "dsa_sha384"},
    {0x0602, "dsa_sha512"},
    {0x0302, "dsa_sha224"},
    {0x0202, "dsa_sha1"},
};

const char *tlstream__scheme_name(unsigned id) {
  for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
    if (schemes[i].id == id) return schemes[i].name;
  }
  return NULL;
}

const char *tlstream__group_name(unsigned id) {
  for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
    if (groups[i].id == id) return groups[i].name;
  }
  return NULL;
}

unsigned tlstream__group_id(int nid) {
  if (nid == NID_undef) return 0;
  if ((nid & UNKNOWN_NID) != 0) return (unsigned)nid & ID_MASK;
  for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
    if (groups[i].nid == nid) return groups[i].id;
  }
  return 0;
}
