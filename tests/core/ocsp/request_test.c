/* SPDX-License-Identifier: MIT */
#include "core/ocsp/request.h"

#include <openssl/err.h>
#include <openssl/ocsp.h>

#include <tlstream/memory.h>

#include "support/make_cert.h"
#include "support/test.h"
#include "support/torture.h"

static made_cert root;
static made_cert leaf;

BEFORE_TESTS(make_some) {
  torture_install();
  torture_install_openssl();
  root = make_cert(&(cert_plan){.name = "Root", .basic = CERT_CA});
  leaf = make_cert(&(cert_plan){
      .name = "a.test",
      .by = &root,
      .access = "caIssuers;URI:http://ca.test/,OCSP;URI:ldap://ca.test/,"
                "OCSP;URI:HTTP://ocsp.test/a,OCSP;URI:http://ocsp.test/b"});
}

AFTER_TESTS(drop_them) {
  made_cert_clear(&root);
  made_cert_clear(&leaf);
}

TEST(a_request_is_for_one_certificate) {
  size_t len = 0;
  unsigned char *der = tlstream__ocsp_request(leaf.cert, root.cert, &len);
  const unsigned char *at = der;
  OCSP_REQUEST *request = d2i_OCSP_REQUEST(NULL, &at, (long)len);
  CHECK(request != NULL && at == der + len);
  CHECK_INT(OCSP_request_onereq_count(request), 1);
  OCSP_CERTID *want = OCSP_cert_to_id(NULL, leaf.cert, root.cert);
  OCSP_CERTID *got = OCSP_onereq_get0_id(OCSP_request_onereq_get0(request, 0));
  CHECK_INT(OCSP_id_cmp(got, want), 0);
  CHECK_INT(OCSP_REQUEST_get_ext_count(request), 0); /* no nonce: cacheable */
  OCSP_CERTID_free(want);
  OCSP_REQUEST_free(request);
  tlstream_free(der);
}

TEST(the_first_responder_over_http_is_taken) {
  char *url = tlstream__ocsp_url(leaf.cert);
  CHECK_STR(url, "HTTP://ocsp.test/a");
  tlstream_free(url);
  CHECK(tlstream__ocsp_url(root.cert) == NULL);
}

static void make_both(void *unused) {
  size_t len = 0;
  (void)unused;
  unsigned char *der = tlstream__ocsp_request(leaf.cert, root.cert, &len);
  CHECK(der != NULL || torture_struck());
  CHECK_INT(len > 0, der != NULL);
  char *url = tlstream__ocsp_url(leaf.cert);
  CHECK(url != NULL || torture_struck());
  CHECK_INT(ERR_peek_error(), 0);
  tlstream_free(url);
  tlstream_free(der);
}

TEST(without_memory_there_is_neither) {
  CHECK_GT(torture_each(TORTURE_ALL, TORTURE_ONCE, make_both, NULL), 10);
  CHECK_GT(torture_each(TORTURE_ALL, TORTURE_FOREVER, make_both, NULL), 10);
}
