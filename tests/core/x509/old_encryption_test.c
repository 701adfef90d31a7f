/* SPDX-License-Identifier: MIT */
/* Keys that old programs encrypted, with what OpenSSL no longer loads: that is
 * what is said, and never that the passphrase is wrong. */
#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/x509.h>

#include <tlstream/context.h>

#include "core/x509/pfx.h"
#include "support/pem_text.h"
#include "support/test.h"
#include "support/torture.h"

/* All of the same key and of its certificate, and all with this passphrase;
 * made by `openssl` with its legacy provider. */
#define PASSPHRASE "open"

typedef struct old_key {
  const char *algorithm;
  const char *text;
} old_key;

static const old_key keys[] = {
    {"PBKDF1",
     "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
     "MIGwMBsGCSqGSIb3DQEFAzAOBAhaOle5O46dmAICCAAEgZCHXBrmn0ym7QvUJpCL\n"
     "UroevtM/UlAffoqre478SwJfAT3ORfFtHV7Li1DzzAcONM0P0AlW8Lkc7GgU6XAg\n"
     "owL0menkJdJ9t+0B1qZmd+7eLvxsdx1kRkl6DO+DX7OCCrFH60N7ToOb4Xj5dFYo\n"
     "OUvO1E6//fkE4/1XFJnVLTvf7Q4vAJaRsuQ2heszbrNJMAE=\n"
     "-----END ENCRYPTED PRIVATE KEY-----\n"},
    {"RC2-40-CBC",
     "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
     "MIGxMBwGCiqGSIb3DQEMAQYwDgQIVWpnbhvcxUMCAggABIGQSo8TDaHDnxO9ZS3T\n"
     "2Oxee48pYo/d6MqILpXe2VKSB9ZYN1DCO1N4PSQ1tZSsr7MxkqapevabYnwdot7N\n"
     "4iQazgQdo9sVQ93kN+8DpjZdpLJr5EgNQ7Z7fcjcpaCd9KKXFHt8vZt7mD8Z4C6g\n"
     "tlOXJejtHq6mSD1sGnyQJg4fOtDVkAzmNm2BruoI+hL2UTtx\n"
     "-----END ENCRYPTED PRIVATE KEY-----\n"},
    {"DES-CBC",
     "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
     "MIHgMEsGCSqGSIb3DQEFDTA+MCkGCSqGSIb3DQEFDDAcBAiyasWg112ECwICCAAw\n"
     "DAYIKoZIhvcNAgkFADARBgUrDgMCBwQII0zUjLpuUI0EgZBr58xwTL9/wn5vieRk\n"
     "yXZCyA1VPbg75RdK8c2N2u+mrxrlfRfBOrdAC7ptMMr508ioW9WpiVh+M2UfjjzL\n"
     "1Whltq+JMh0KiNSfXHp6HyLRZ5w9Pstkl/BYPI8WH7GuUAD0c6i/EYA+WXi7+XPx\n"
     "rwOzOByNzbhwcLAr+wuJyHJ8ba8Vp5Kgij34rXJT6TShwVE=\n"
     "-----END ENCRYPTED PRIVATE KEY-----\n"},
    {"RC2-CBC",
     "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
     "MIHrMFYGCSqGSIb3DQEFDTBJMCwGCSqGSIb3DQEFDDAfBAjq1bnpsk8qywICCAAC\n"
     "ARAwDAYIKoZIhvcNAgkFADAZBggqhkiG9w0DAjANAgE6BAgTAXzhgVZYwwSBkCqR\n"
     "x8Yz1ULYi+D8RPOHBmFam9QvDR410WLmEEU1xM5zm4ewNVgHOuvfoSTct4nfZzvx\n"
     "bjhLY100enCOMtEBT97dNpA8nnWmnOuXDFRZGfI3MqxzxRID+5nMwIBzwsVSIs8v\n"
     "J2mWljruDIBdVFtCJDa7HXA1NOGOhNeiFZuoCNHCVOg0401VYfaUSiDEmws7lQ==\n"
     "-----END ENCRYPTED PRIVATE KEY-----\n"},
    {"DES-CBC",
     "-----BEGIN EC PRIVATE KEY-----\n"
     "Proc-Type: 4,ENCRYPTED\n"
     "DEK-Info: DES-CBC,BC1EB617234DF166\n"
     "\n"
     "ds8AKHy+8LB463haFR61zaBMQpORan2FiMmg+A06LlSMQ+Taz5SR5nKLZm6qqHUI\n"
     "fuX9RXhl8QR8hiBkilPimlKwGP7aBfHoGJenUiij40iM/Hg+/WSlfB61hB0ACMAg\n"
     "htHYFDfaLISy6wB/m/w2df7otnOdlRr71YCpOoV2LWU=\n"
     "-----END EC PRIVATE KEY-----\n"},
};

static const char rc2_pfx[] =
    "MIIDegIBAzCCA0AGCSqGSIb3DQEHAaCCAzEEggMtMIIDKTCCAh8GCSqGSIb3"
    "DQEHBqCCAhAwggIMAgEAMIICBQYJKoZIhvcNAQcBMBwGCiqGSIb3DQEMAQYw"
    "DgQIHrnb9U1hF+QCAggAgIIB2FhwaTQ/nT4xSQ8DZLV9HxBd6saAmY9eadZO"
    "s/M3/VzAl4A5EtF8a7JvTn/Ved9+Dd5afFCM65NTcFtb6+h4GdrRxSqol1/4"
    "hD+O0TNbpqTaf0gmJrDpqN+gUhEA4/1vh1Pt061CyXDyznpedSxYddhY1rCC"
    "g/pvAQPL9raKmSpw7dMwNeyo0+4XHKvcBapevkBhKOkMcsNKGF1NmAneOPiv"
    "mpsFI38UcpNgecIUmibmY37YUym79cigVfSaD+hJlu8laWQUg4mzvlyzQRcO"
    "7ItsIaZWLEqf9hr6hZE+a6g4qgg0h/uH4nMVnmtYWwTVChmKa1NZOAuEpidG"
    "NcQBGfsSDiqOqmS5/JvwV/bgAkYDAcnUqw3YiaRT307CVpDQRtkeDEJzezzL"
    "4WmWf7LzyPtdSg4VPWFUUihrq6nshokTATPeX4tjFrPqRg3HmqtWQmb5SEE2"
    "44ElBnEK4If/2VgcIVXfBx1YuPyaFs7v5HUtFiNLX8cyLTeITAIJBilbdJtS"
    "kC1+IFbPEbjoW1CtLEKpyLyIPvdhXuz1pdoPCXAe0meMJ/GxOA562p/G5P48"
    "eeb/scRiJXbLQLrHJg58IQeT1iBeKKVLClhNRMmu5Vxd7q9aUW8nfwMwggEC"
    "BgkqhkiG9w0BBwGggfQEgfEwge4wgesGCyqGSIb3DQEMCgECoIG0MIGxMBwG"
    "CiqGSIb3DQEMAQMwDgQIF0KLP/HRS9QCAggABIGQdsnmQ3g/ZeK96al5P1ek"
    "17Ya22a11g3dcuPgSPjlhSTdiApbAfUnt9aGxgU2RByORC4n5Rm+O/GsKGgD"
    "QtkiQ0dV40G99y2g0lpVSvJpjRAKSs5+ta08+HZYdaIz0Pl+BVZieqk4s/LV"
    "BMk6MkbLyMC78WoHrb0HRh+IP2VPlEbCK1TeBM+FUqKcjVdXNOk7MSUwIwYJ"
    "KoZIhvcNAQkVMRYEFDZzV5og6G2B26q6z426tVuMr0dQMDEwITAJBgUrDgMC"
    "GgUABBTLxFb35T+UmduWsVFmXj4+ilb/MQQI5cNZ1NfQshcCAggA";
static const char md4_pfx[] =
    "MIIDeQIBAzCCA0AGCSqGSIb3DQEHAaCCAzEEggMtMIIDKTCCAh8GCSqGSIb3"
    "DQEHBqCCAhAwggIMAgEAMIICBQYJKoZIhvcNAQcBMBwGCiqGSIb3DQEMAQYw"
    "DgQIThhXrefcNVMCAggAgIIB2FFJnjcTCue/xbZvFFAY+2evJBlUw4yCB0Ox"
    "BDPjiudqU1t4vjBKlI9xhX6UNgqTHNiSAZ4ffz60gtPuyRG3Y5DBv12GDbJ6"
    "FlpNO7919URK0DzlR2D4farSRbgD+dcKvcv6qM9zH5GfMZAZ22ich3WViDyH"
    "dbnRwbyUiESq+QkO96eChgePFi1vIFBVYmn8BEhBenDGz0+TxS77XdG1So7E"
    "WZ/0qtz64V2Me85tcqf812eekslYE/plUfaF6xB9Et/8yx6YttrS2elEMPV2"
    "dsJkXerHjbQtar+XTz68TjnlzPZ5Qyw1HVMIO/+phHsIR5TgZuZSr7LdRAz/"
    "CIlltovFAk6/BEESXsXBO+yQxujBnrbYasQEp8PN+pSh+t/xRChnDoD1exdz"
    "iK6pgP2Es3wCmZkA5feUTCcZMru25YtslnHp9zXJD5k/J2m6oNDfO0qO/YO+"
    "WGSNi0dCFPsStAoZ1R72OOMGhcJ8mgwCtvIuaYhV/rDAGU3mTv+4X9TJo5+P"
    "t3JCd2+bU7sfjdRXxr7PWSoDvF1hEVY1lGYPJWbf350KT81pXTTOuTb/yOzw"
    "pjhzia+xNakwMlSDk+zJk0QsF+N5h6rxpnsKps4rUPJkUnUQyBq2mzMwggEC"
    "BgkqhkiG9w0BBwGggfQEgfEwge4wgesGCyqGSIb3DQEMCgECoIG0MIGxMBwG"
    "CiqGSIb3DQEMAQMwDgQIoa9WDF43nPgCAggABIGQuPRIHvFgCOcnQbBh8suv"
    "grgeh5kKjyheux4E60LogovrZ5DfOBT3E7y2UzGMD4mMezwpF1cfAIM1a3dU"
    "yRYuNTGk5SqR5i+gXF7q2n5pDhpyY94mTYsShebRItBDgsLtZAeSNSBNbf/j"
    "q5RODccyO0HXZRs+OVgoYbNLKFCowEgYovNsbZLitRKyIpzAsJIGMSUwIwYJ"
    "KoZIhvcNAQkVMRYEFDZzV5og6G2B26q6z426tVuMr0dQMDAwIDAMBggqhkiG"
    "9w0CBAUABBBmBeMeA8x8jOo3fbqcHJSbBAjnPQnkEfqxfgICCAA=";
/* The legacy provider may be active on this machine. */
static bool is_loaded(const char *algorithm) {
  EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, algorithm, NULL);
  EVP_KDF *kdf = EVP_KDF_fetch(NULL, algorithm, NULL);
  EVP_MD *digest = EVP_MD_fetch(NULL, algorithm, NULL);
  bool loaded = cipher != NULL || kdf != NULL || digest != NULL;
  EVP_CIPHER_free(cipher);
  EVP_KDF_free(kdf);
  EVP_MD_free(digest);
  ERR_clear_error();
  return loaded;
}

static int read_key(const char *sealed, const char *passphrase,
                    tlstream_error *error) {
  tlstream__pem pem;
  EVP_PKEY *key = NULL;
  open_text(&pem, sealed, strlen(sealed));
  int code = tlstream__pem_key(&pem, passphrase, &key, error);
  CHECK_INT(ERR_peek_error(), 0);
  EVP_PKEY_free(key);
  tlstream__pem_clear(&pem);
  return code;
}

TEST(of_a_key_is_named) {
  EACH_ROW_NAMED(i, keys, algorithm) {
    static const char *const passphrases[] = {PASSPHRASE, "wrong"};
    if (is_loaded(keys[i].algorithm)) continue;
    for (size_t j = 0; j < 2; j++) {
      tlstream_error error;
      CHECK_ERROR(read_key(keys[i].text, passphrases[j], &error),
                  TLSTREAM_ERR_KEY_ENCRYPTION);
      CHECK_STR(error.name, "ERR_TLSTREAM_KEY_ENCRYPTION");
      CHECK_HAS(error.message, keys[i].algorithm);
      CHECK_HAS(error.message, "openssl pkey");
      CHECK(strstr(error.message, "wrong") == NULL);
    }
  }
}

/* Then a passphrase is what is missing first. */
TEST(of_a_key_without_passphrase_is_not_looked_at) {
  EACH_ROW_NAMED(i, keys, algorithm) {
    tlstream_error error;
    CHECK_ERROR(read_key(keys[i].text, NULL, &error), TLSTREAM_ERR_PASSPHRASE);
    CHECK_HAS(error.message, "give its passphrase");
  }
}

TEST(that_has_no_name_is_named_too) {
  tlstream_error error;
  const char *old = keys[sizeof(keys) / sizeof(keys[0]) - 1].text;
  text odd =
      rewritten((tlstream_bytes){old, strlen(old)}, "DES-CBC,", "ROT13-CBC,");
  CHECK_ERROR(read_key(odd.data, PASSPHRASE, &error),
              TLSTREAM_ERR_KEY_ENCRYPTION);
  CHECK_HAS(error.message, "encrypted with an algorithm, which");
  free(odd.data);
}

/* One in 256 wrong passphrases gives what looks decrypted. */
TEST(of_a_modern_key_is_never_blamed) {
  static const char modern[] =
      "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
      "MIHrMFYGCSqGSIb3DQEFDTBJMCgGCSqGSIb3DQEFDDAbBAgGHUCWJokdHQIBATAM\n"
      "BggqhkiG9w0CCQUAMB0GCWCGSAFlAwQBAgQQxkjQxJW1q9D5c+qc6B5X0wSBkKtR\n"
      "FwtLl9JkN4QyRwZzpTH99jGZ++sot5v7JkDSoI00YPtelGQYYzSLnO/I7KZ5zsB9\n"
      "UtbUvlo/M0oNdZK9v1kA2CKWmiAL+5MFCXie5BLTgmm0lADwwA1Jk3XGSdofALjg\n"
      "KAw5CubZ/PsGAc3DviKicRsfYX0uMe/q/62YmN7T3UK2K3NZCdIG/kSfq18QKQ==\n"
      "-----END ENCRYPTED PRIVATE KEY-----\n";
  if (is_loaded("RC2-40-CBC")) return;
  CHECK_ERROR(read_key(modern, PASSPHRASE, NULL), 0);
  for (int i = 0; i < 2000; i++) {
    char passphrase[16];
    tlstream_error error;
    snprintf(passphrase, sizeof(passphrase), "%d", i);
    CHECK_ERROR(read_key(modern, passphrase, &error), TLSTREAM_ERR_PASSPHRASE);
    CHECK_HAS(error.message, "the passphrase is wrong");
  }
}

/* From base64; the caller's. */
static tlstream_bytes decoded(const char *base64) {
  size_t len = strlen(base64);
  unsigned char *bytes = malloc(len);
  int got = EVP_DecodeBlock(bytes, (const unsigned char *)base64, (int)len);
  CHECK_GT(got, 0);
  while (len > 0 && base64[len - 1] == '=')
    len--, got--;
  return (tlstream_bytes){bytes, (size_t)got};
}

static void check_pfx(tlstream_bytes bytes, const char *passphrase, int code,
                      const char *words) {
  const tlstream_pfx pfx = {bytes, passphrase};
  EVP_PKEY *key = NULL;
  STACK_OF(X509) *certs = NULL;
  tlstream_error error;
  CHECK_ERROR(tlstream__pfx_open(&pfx, "old.p12", &key, &certs, &error), code);
  CHECK_HAS(error.message, "old.p12: ");
  CHECK_HAS(error.message, words);
  ERR_clear_error();
}

TEST(of_a_pkcs_12_is_named) {
  int code = TLSTREAM_ERR_KEY_ENCRYPTION;
  tlstream_bytes rc2 = decoded(rc2_pfx);
  if (!is_loaded("RC2-40-CBC")) {
    check_pfx(rc2, PASSPHRASE, code, "RC2-40-CBC");
    check_pfx(rc2, PASSPHRASE, code, "openssl pkcs12 -legacy");
    check_pfx(rc2, "no", TLSTREAM_ERR_PASSPHRASE, "the passphrase is wrong");
    check_pfx(rc2, NULL, TLSTREAM_ERR_PASSPHRASE, "give its passphrase");
  }
  free((void *)rc2.data);
}

/* Its integrity is checked first, with a digest that may be missing, or, as
 * PBMAC1 for older versions, unknown. */
TEST(of_a_pkcs_12_s_digest_is_named) {
  static const unsigned char md4[] = {0x2a, 0x86, 0x48, 0x86,
                                      0xf7, 0x0d, 0x02, 0x04};
  tlstream_bytes bytes = decoded(md4_pfx);
  if (!is_loaded("MD4")) {
    check_pfx(bytes, PASSPHRASE, TLSTREAM_ERR_KEY_ENCRYPTION, "MD4");
  }
  unsigned char *at = (unsigned char *)bytes.data;
  for (size_t i = 0; i + sizeof(md4) <= bytes.len; i++) {
    if (memcmp(at + i, md4, sizeof(md4)) == 0) at[i + sizeof(md4) - 1] = 0x63;
  }
  check_pfx(bytes, PASSPHRASE, TLSTREAM_ERR_KEY_ENCRYPTION,
            "which this OpenSSL does not load");
  free((void *)bytes.data);
}

static void read_an_old_key(void *unused) {
  (void)unused;
  tlstream_error error;
  int code = read_key(keys[1].text, PASSPHRASE, &error);
  if (is_loaded(keys[1].algorithm)) return;
  CHECK(code == TLSTREAM_ERR_KEY_ENCRYPTION || torture_struck());
}

/* H7 */
TEST(survives_a_lack_of_memory) {
  torture_install_openssl();
  CHECK_GT(
      torture_some(TORTURE_OPENSSL, TORTURE_ONCE, 3, read_an_old_key, NULL),
      100);
}
