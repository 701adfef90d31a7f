/* SPDX-License-Identifier: MIT */
/* Certificates that no honest authority signs. An attacker chooses every byte
 * in it; the getters give partial data, never a crash. A3, A8, A17, A18. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <tlstream/memory.h>

#include "core/x509/certificate.h"
#include "support/json_check.h"
#include "support/odd_cert.h"
#include "support/test.h"
#include "support/torture.h"

#define NUL_NAME "good.test\0.hostile_peer.test"
#define NUL_LEN  (sizeof(NUL_NAME) - 1)

static void set_raw_extension(X509 *cert, int nid, const char *bytes,
                              size_t len) {
  ASN1_OCTET_STRING *data = ASN1_OCTET_STRING_new();
  ASN1_OCTET_STRING_set(data, (const unsigned char *)bytes, (int)len);
  X509_EXTENSION *extension = X509_EXTENSION_create_by_NID(NULL, nid, 0, data);
  CHECK_INT(X509_add_ext(cert, extension, -1), 1);
  X509_EXTENSION_free(extension);
  ASN1_OCTET_STRING_free(data);
}

/* What every certificate has to stand. Takes `x509`. */
static tlstream_certificate *wrap(X509 *x509) {
  char names[160];
  char title[64];
  tlstream__host host;
  CHECK_ERROR(tlstream__host_parse(&host, "unheard.of", 10, NULL), 0);
  tlstream_certificate *cert = tlstream__certificate_wrap(x509, NULL);
  CHECK(!tlstream__certificate_check(x509, &host, names, sizeof(names)));
  tlstream__certificate_title(x509, true, title, sizeof(title));
  tlstream__certificate_title(x509, false, title, sizeof(title));
  CHECK_INT(ERR_peek_error(), 0);
  CHECK(cert != NULL);
  char *json = tlstream_certificate_json(cert);
  CHECK(is_json(json));
  tlstream_free(json);
  X509_free(x509);
  return cert;
}

TEST(keeps_nul_bytes_in_names) {
  tlstream_error error;
  size_t count = 0;
  X509 *x509 = new_cert();
  add_part(x509, NID_commonName, V_ASN1_UTF8STRING, NUL_NAME, NUL_LEN, 0);
  set_one_name(x509, GEN_DNS, NUL_NAME, NUL_LEN);
  tlstream_certificate *cert = wrap(sent(x509));
  CHECK_INT(tlstream_certificate_subject(cert, &count)[0].len, NUL_LEN);
  CHECK_INT(tlstream_certificate_alt_names(cert, &count)[0].len, NUL_LEN);
  CHECK(!tlstream_certificate_matches_host(cert, "good.test", &error));
  CHECK_STR(error.message,
            "the certificate is for good.test\\x00.hostile_peer.test, "
            "not for good.test");
  CHECK(!tlstream_certificate_matches_host(cert, "x.hostile_peer.test", NULL));
  CHECK(json_has(cert, "{\"CN\":\"good.test\\u0000.hostile_peer.test\"}"));
  CHECK(json_has(cert, "\"DNS:\\\"good.test\\\\u0000.hostile_peer.test\\\"\""));
  tlstream_certificate_unref(cert);
}

TEST(makes_arrays_of_repeated_keys) {
  X509 *x509 = new_cert();
  add_cn(x509, "a");
  add_part(x509, NID_organizationalUnitName, V_ASN1_UTF8STRING, "b", 1, -1);
  add_cn(x509, "c");
  add_part(x509, NID_organizationName, V_ASN1_UTF8STRING, "d", 1, 1);
  add_cn(x509, "a");
  tlstream_certificate *cert = wrap(sent(x509));
  size_t count = 0;
  tlstream_certificate_subject(cert, &count);
  CHECK_INT(count, 5);
  CHECK(json_has(cert, "{\"subject\":"
                       "{\"CN\":[\"a\",\"c\",\"a\"],\"OU\":\"b\",\"O\":\"d\"},"
                       "\"issuer\":{},"));
  tlstream_certificate_unref(cert);
}

TEST(takes_ten_thousand_names) {
  enum { MANY = 10000 };
  char name[64];
  size_t count = 0;
  tlstream_error error;
  X509 *x509 = new_cert();
  GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
  for (int i = 0; i < MANY; i++) {
    int len = snprintf(name, sizeof(name), "host-%05d.example.test", i);
    add_name(names, GEN_DNS, name, (size_t)len);
  }
  set_names(x509, names);
  x509 = sent(x509);
  clock_t start = clock();
  tlstream_certificate *cert = wrap(x509);
  tlstream_certificate_alt_names(cert, &count);
  CHECK_INT(count, MANY);
  CHECK(
      tlstream_certificate_matches_host(cert, "host-09999.example.test", NULL));
  CHECK(!tlstream_certificate_matches_host(cert, "a.test", &error));
  CHECK(strstr(error.message, "for host-00000.example.test, host-") != NULL);
  CHECK(strstr(error.message, " and 9995 more, not for a.test") != NULL);
  CHECK_LT(clock() - start, 2 * CLOCKS_PER_SEC);
  tlstream_certificate_unref(cert);
}

TEST(takes_a_name_of_many_parts) {
  enum { MANY = 4000 };
  char oid[32];
  X509 *x509 = new_cert();
  for (int i = 0; i < MANY; i++) {
    snprintf(oid, sizeof(oid), "1.2.3.%d", i);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), oid,
                               V_ASN1_UTF8STRING, (const unsigned char *)"v", 1,
                               -1, 0);
  }
  x509 = sent(x509);
  clock_t start = clock();
  tlstream_certificate_unref(wrap(x509));
  CHECK_LT(clock() - start, 2 * CLOCKS_PER_SEC);
}

static const char every_byte[] =
    "\x1b[31m\a\b\r\n\t\x7f\x80\xc3\x28\xed\xa0\x80\xf4\x90\x80\x80\xff\"\\',/"
    "<script>\xe2\x80\xa8\xf0\x9f\x98\x80";

/* OpenSSL takes no other types of text with such bytes. */
TEST(escapes_whatever_is_in_names) {
  static const int types[] = {V_ASN1_PRINTABLESTRING, V_ASN1_T61STRING,
                              V_ASN1_IA5STRING, V_ASN1_NUMERICSTRING,
                              V_ASN1_BIT_STRING};
  static const int kinds[] = {GEN_DNS, GEN_EMAIL, GEN_URI, GEN_IPADD};
  X509 *x509 = new_cert();
  GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
  EACH_ROW(i, types) {
    for (size_t len = 0; len < sizeof(every_byte); len++) {
      add_part(x509, NID_commonName, types[i], every_byte, len, 0);
    }
  }
  EACH_ROW(i, kinds) {
    for (size_t len = 0; len < sizeof(every_byte); len++) {
      add_name(names, kinds[i], every_byte, len);
    }
  }
  set_names(x509, names);
  tlstream_certificate_unref(wrap(sent(x509)));
}

TEST(decodes_the_types_of_text) {
  static const struct {
    int type;
    const char *bytes;
    size_t len;
    const char *want; /* as it stands in the JSON */
  } rows[] = {
      {V_ASN1_UTF8STRING, "\xc3\xbc", 2, "\"\\u00fc\""},
      {V_ASN1_UTF8STRING, "\xf0\x9f\x98\x80", 4, "\"\\ud83d\\ude00\""},
      {V_ASN1_T61STRING, "\xfc", 1, "\"\\u00fc\""},
      {V_ASN1_BMPSTRING, "\0a\0\xfc", 4, "\"a\\u00fc\""},
      {V_ASN1_UNIVERSALSTRING, "\0\1\xf6\0", 4, "\"\\ud83d\\ude00\""},
      {V_ASN1_NUMERICSTRING, "\xff", 1, "\"\\u00ff\""},
      {V_ASN1_BIT_STRING, "\xff", 1, "\"\\ufffd\""},
      {V_ASN1_PRINTABLESTRING, "\x1b[m", 3, "\"\\u001b[m\""},
  };
  EACH_ROW(i, rows) {
    X509 *x509 = new_cert();
    add_part(x509, NID_commonName, rows[i].type, rows[i].bytes, rows[i].len, 0);
    tlstream_certificate *cert = wrap(sent(x509));
    CHECK(json_has(cert, rows[i].want));
    tlstream_certificate_unref(cert);
  }
}

/* Each byte by itself, in a name and in an alternative name. */
TEST(escapes_each_byte) {
  for (int byte = 0; byte < 256; byte++) {
    char text[] = {'a', (char)byte, 'b'};
    X509 *x509 = new_cert();
    add_part(x509, NID_commonName, V_ASN1_T61STRING, text, 3, 0);
    set_one_name(x509, GEN_DNS, text, 3);
    tlstream_certificate_unref(wrap(sent(x509)));
  }
}

TEST(quotes_alternative_names_as_node_does) {
  static const struct {
    int type;
    const char *given;
    const char *want; /* as it stands in the JSON */
  } rows[] = {
      {GEN_DNS, "a.test", "\"DNS:a.test\""},
      {GEN_DNS, "a.test, DNS:b.test",
       "\"DNS:\\\"a.test\\\\u002c DNS:b.test\\\"\""},
      {GEN_DNS, "a'b", "\"DNS:\\\"a'b\\\"\""},
      {GEN_DNS, "a\"b", "\"DNS:\\\"a\\\\\\\"b\\\"\""},
      {GEN_DNS, "a\\b", "\"DNS:\\\"a\\\\\\\\b\\\"\""},
      {GEN_DNS, "b\xfc", "\"DNS:\\\"b\\\\u00fc\\\"\""},
      {GEN_DNS, "\x1b[0m", "\"DNS:\\\"\\\\u001b[0m\\\"\""},
      {GEN_EMAIL, "a@b", "\"email:a@b\""},
      {GEN_URI, "http://a/?b=c;d", "\"URI:http://a/?b=c;d\""},
      {GEN_IPADD, "abcd", "\"IP Address:97.98.99.100\""},
      {GEN_IPADD, "abcde", "\"IP Address:<invalid length=5>\""},
      {GEN_IPADD, "", "\"IP Address:<invalid length=0>\""},
  };
  EACH_ROW(i, rows) {
    X509 *x509 = new_cert();
    set_one_name(x509, rows[i].type, rows[i].given, strlen(rows[i].given));
    tlstream_certificate *cert = wrap(sent(x509));
    CHECK(json_has(cert, rows[i].want));
    tlstream_certificate_unref(cert);
  }
}

/* The DER of an address of a wrong size is all that can be shown of it. */
TEST(shows_odd_names_as_der) {
  size_t count = 0;
  X509 *x509 = new_cert();
  set_one_name(x509, GEN_IPADD, "abcde", 5);
  tlstream_certificate *cert = wrap(sent(x509));
  const tlstream_alt_name *names = tlstream_certificate_alt_names(cert, &count);
  CHECK_INT(count, 1);
  CHECK_INT(names[0].kind, TLSTREAM_ALT_NAME_OTHER);
  CHECK(names[0].len == 7 && memcmp(names[0].data, "\x87\5abcde", 7) == 0);
  CHECK(json_has(cert, "[{\"kind\":\"OTHER\",\"value\":\"hwVhYmNkZQ==\"}]"));
  tlstream_certificate_unref(cert);
}

static void set_key(X509 *cert, const char *algorithm, int kind, void *value) {
  unsigned char *bytes = OPENSSL_zalloc(4);
  CHECK_INT(X509_PUBKEY_set0_param(X509_get_X509_PUBKEY(cert),
                                   OBJ_txt2obj(algorithm, 1), kind, value,
                                   bytes, 4),
            1);
}

TEST(gives_partial_data_for_unknown_keys) {
  X509 *x509 = new_cert();
  set_key(x509, "1.2.3.4", V_ASN1_NULL, NULL);
  tlstream_certificate *cert = wrap(sent(x509));
  CHECK_STR(tlstream_certificate_public_key(cert)->type, "1.2.3.4");
  CHECK_INT(tlstream_certificate_public_key(cert)->bits, 0);
  tlstream_certificate_unref(cert);

  x509 = new_cert();
  set_key(x509, "1.2.840.10045.2.1", V_ASN1_OBJECT, OBJ_txt2obj("1.2.3.5", 1));
  cert = wrap(sent(x509));
  CHECK_STR(tlstream_certificate_public_key(cert)->type, "EC");
  CHECK_INT(tlstream_certificate_public_key(cert)->bits, 0);
  CHECK(json_has(cert, "\"pubkey\":\"AAAAAA==\",\"asn1Curve\":\"1.2.3.5\","));
  tlstream_certificate_unref(cert);
}

TEST(gives_partial_data_for_broken_keys) {
  static const struct {
    const char *oid;
    const char *type;
  } rows[] = {{"1.2.840.113549.1.1.1", "RSA"},
              {"1.2.840.113549.1.1.10", "RSA-PSS"},
              {"1.2.840.10040.4.1", "DSA"},
              {"1.2.840.10045.2.1", "EC"}};
  EACH_ROW(i, rows) {
    X509 *x509 = new_cert();
    set_key(x509, rows[i].oid, V_ASN1_NULL, NULL);
    tlstream_certificate *cert = wrap(sent(x509));
    CHECK_STR(tlstream_certificate_public_key(cert)->type, rows[i].type);
    CHECK_INT(tlstream_certificate_public_key(cert)->bits, 0);
    tlstream_certificate_unref(cert);
  }
}

TEST(shows_rsa_keys) {
  X509 *x509 = new_cert();
  EVP_PKEY *key = EVP_RSA_gen(1024);
  X509_set_pubkey(x509, key);
  tlstream_certificate *cert = wrap(sent(x509));
  CHECK_STR(tlstream_certificate_public_key(cert)->type, "RSA");
  CHECK(json_has(cert, "\"modulus\":\""));
  CHECK(json_has(cert, "\",\"bits\":1024,\"exponent\":\"0x10001\","
                       "\"pubkey\":\"MIGfMA0G"));
  tlstream_certificate_unref(cert);
  EVP_PKEY_free(key);
}

TEST(leaves_out_damaged_extensions) {
  static const int nids[] = {NID_subject_alt_name, NID_ext_key_usage,
                             NID_info_access, NID_basic_constraints,
                             NID_key_usage};
  static const struct {
    const char *bytes;
    size_t len;
  } rows[] = {{"", 0},
              {"\0", 1},
              {"\x30\x05\x82", 3},
              {"\x30\x84\xff", 3},
              {"\x04\x01x", 3},
              {"\x30\x80\x82\x01"
               "a\0\0",
               7}};
  size_t count = 0;
  EACH_ROW(i, rows) {
    X509 *x509 = new_cert();
    EACH_ROW(k, nids) {
      set_raw_extension(x509, nids[k], rows[i].bytes, rows[i].len);
    }
    tlstream_certificate *cert = wrap(sent(x509));
    tlstream_certificate_alt_names(cert, &count);
    CHECK(count == 0 || i == 5);
    tlstream_certificate_unref(cert);
  }
}

/* Which of the two would count? Neither. */
TEST(believes_no_doubled_extension) {
  size_t count = 0;
  X509 *x509 = new_cert();
  set_one_name(x509, GEN_DNS, "a.test", 6);
  set_one_name(x509, GEN_DNS, "b.test", 6);
  tlstream_certificate *cert = wrap(sent(x509));
  tlstream_certificate_alt_names(cert, &count);
  CHECK_INT(count, 0);
  CHECK(!tlstream_certificate_matches_host(cert, "a.test", NULL));
  CHECK(!tlstream_certificate_matches_host(cert, "b.test", NULL));
  tlstream_certificate_unref(cert);
}

TEST(reads_dates) {
  static const struct {
    int type;
    const char *given;
    const char *text;
    long long seconds;
  } rows[] = {
      {V_ASN1_UTCTIME, "091111095222Z", "Nov 11 09:52:22 2009 GMT", 1257933142},
      {V_ASN1_UTCTIME, "291106095222Z", "Nov  6 09:52:22 2029 GMT", 1888653142},
      {V_ASN1_UTCTIME, "491231235959Z", "Dec 31 23:59:59 2049 GMT", 2524607999},
      {V_ASN1_UTCTIME, "500101000000Z", "Jan  1 00:00:00 1950 GMT", -631152000},
      {V_ASN1_UTCTIME, "700101000000Z", "Jan  1 00:00:00 1970 GMT", 0},
      {V_ASN1_UTCTIME, "000229120000Z", "Feb 29 12:00:00 2000 GMT", 951825600},
      {V_ASN1_UTCTIME, "380119031408Z", "Jan 19 03:14:08 2038 GMT", 2147483648},
      {V_ASN1_GENERALIZEDTIME, "20500101000000Z", "Jan  1 00:00:00 2050 GMT",
       2524608000},
      {V_ASN1_GENERALIZEDTIME, "21000301000000Z", "Mar  1 00:00:00 2100 GMT",
       4107542400},
      {V_ASN1_GENERALIZEDTIME, "99991231235959Z", "Dec 31 23:59:59 9999 GMT",
       253402300799},
      {V_ASN1_GENERALIZEDTIME, "00000101000000Z", "Jan  1 00:00:00 0 GMT",
       -62167219200},
      {V_ASN1_UTCTIME, "091131095222Z", "Bad time value", 0},
      {V_ASN1_UTCTIME, "not a time", "Bad time value", 0},
      {V_ASN1_UTCTIME, "", "Bad time value", 0},
  };
  EACH_ROW(i, rows) {
    X509 *x509 = new_cert();
    ASN1_TIME *time = X509_getm_notAfter(x509);
    time->type = rows[i].type;
    ASN1_STRING_set(time, rows[i].given, (int)strlen(rows[i].given));
    X509 *got = read_back(x509);
    /* Newer versions of OpenSSL read no certificate with such a time. */
    if (got == NULL && strcmp(rows[i].text, "Bad time value") == 0) continue;
    tlstream_certificate *cert = wrap(got);
    CHECK_STR(tlstream_certificate_valid_to(cert), rows[i].text);
    CHECK_INT(tlstream_certificate_not_after(cert), rows[i].seconds);
    CHECK_STR(tlstream_certificate_valid_from(cert),
              "Nov 11 09:52:22 2009 GMT");
    CHECK_INT(tlstream_certificate_not_before(cert), 1257933142);
    tlstream_certificate_unref(cert);
  }
}

TEST(shows_serial_numbers) {
  static const struct {
    long number;
    const char *text;
  } rows[] = {{0, "0"},      {1, "01"},   {15, "0F"},    {255, "FF"},
              {256, "0100"}, {-1, "-01"}, {-128, "-80"}, {0xABCDEF, "ABCDEF"}};
  EACH_ROW(i, rows) {
    X509 *x509 = new_cert();
    ASN1_INTEGER_set(X509_get_serialNumber(x509), rows[i].number);
    tlstream_certificate *cert = wrap(sent(x509));
    CHECK_STR(tlstream_certificate_serial(cert), rows[i].text);
    tlstream_certificate_unref(cert);
  }
}

static void wrap_and_print(void *data) {
  STACK_OF(X509) *chain = data;
  tlstream_certificate *cert =
      tlstream__certificate_wrap(sk_X509_value(chain, 0), chain);
  CHECK(cert != NULL || torture_struck());
  if (cert == NULL) return;
  char *json = tlstream_certificate_json(cert);
  CHECK(json != NULL || torture_struck());
  CHECK(json == NULL || is_json(json));
  tlstream_free(json);
  tlstream_certificate_unref(cert);
}

static void add_everything(X509 *cert) {
  AUTHORITY_INFO_ACCESS *all = AUTHORITY_INFO_ACCESS_new();
  ACCESS_DESCRIPTION *access = ACCESS_DESCRIPTION_new();
  GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
  ASN1_IA5STRING *uri = ASN1_IA5STRING_new();
  ASN1_STRING_set(uri, "http://a.test/\xfc,", -1);
  GENERAL_NAME_set0_value(access->location, GEN_URI, uri);
  access->method = OBJ_nid2obj(NID_ad_OCSP);
  sk_ACCESS_DESCRIPTION_push(all, access);
  X509_add1_ext_i2d(cert, NID_info_access, all, 0, 0);
  AUTHORITY_INFO_ACCESS_free(all);
  for (int i = 0; i < 200; i++) {
    add_name(names, GEN_DNS, every_byte, sizeof(every_byte) - 1);
  }
  add_name(names, GEN_IPADD, "abcde", 5);
  set_names(cert, names);
  add_part(cert, NID_commonName, V_ASN1_UTF8STRING, NUL_NAME, NUL_LEN, 0);
}

TEST(survives_any_allocation_failing) {
  X509 *x509 = new_cert();
  STACK_OF(X509) *chain = odd_chain(2);
  add_everything(x509);
  sk_X509_unshift(chain, sent(x509));
  torture_install();
  CHECK_GT(
      torture_each(TORTURE_LIBRARY, TORTURE_FOREVER, wrap_and_print, chain),
      10);
  CHECK_GT(torture_each(TORTURE_LIBRARY, TORTURE_ONCE, wrap_and_print, chain),
           10);
  sk_X509_pop_free(chain, X509_free);
}

TEST(shows_access_as_node_does) {
  X509 *x509 = new_cert();
  add_everything(x509);
  tlstream_certificate *cert = wrap(sent(x509));
  CHECK(json_has(cert, "\"infoAccess\":{\"OCSP - URI\":"
                       "[\"http://a.test/\\u00fc,\"]},"));
  tlstream_certificate_unref(cert);
  EVP_PKEY_free(signer);
  signer = NULL;
}
