// SPDX-License-Identifier: MIT
// A key and a PKCS #12 file that old programs encrypted, with DES and RC2, which
// OpenSSL 3 does not load. The passphrase of both is "open".
'use strict';

const key = `-----BEGIN ENCRYPTED PRIVATE KEY-----
MIHgMEsGCSqGSIb3DQEFDTA+MCkGCSqGSIb3DQEFDDAcBAiyasWg112ECwICCAAw
DAYIKoZIhvcNAgkFADARBgUrDgMCBwQII0zUjLpuUI0EgZBr58xwTL9/wn5vieRk
yXZCyA1VPbg75RdK8c2N2u+mrxrlfRfBOrdAC7ptMMr508ioW9WpiVh+M2UfjjzL
1Whltq+JMh0KiNSfXHp6HyLRZ5w9Pstkl/BYPI8WH7GuUAD0c6i/EYA+WXi7+XPx
rwOzOByNzbhwcLAr+wuJyHJ8ba8Vp5Kgij34rXJT6TShwVE=
-----END ENCRYPTED PRIVATE KEY-----
`;

const pfx = Buffer.from([
  'MIIDegIBAzCCA0AGCSqGSIb3DQEHAaCCAzEEggMtMIIDKTCCAh8GCSqGSIb3DQEHBqCCAhAw',
  'ggIMAgEAMIICBQYJKoZIhvcNAQcBMBwGCiqGSIb3DQEMAQYwDgQIHrnb9U1hF+QCAggAgIIB',
  '2FhwaTQ/nT4xSQ8DZLV9HxBd6saAmY9eadZOs/M3/VzAl4A5EtF8a7JvTn/Ved9+Dd5afFCM',
  '65NTcFtb6+h4GdrRxSqol1/4hD+O0TNbpqTaf0gmJrDpqN+gUhEA4/1vh1Pt061CyXDyznpe',
  'dSxYddhY1rCCg/pvAQPL9raKmSpw7dMwNeyo0+4XHKvcBapevkBhKOkMcsNKGF1NmAneOPiv',
  'mpsFI38UcpNgecIUmibmY37YUym79cigVfSaD+hJlu8laWQUg4mzvlyzQRcO7ItsIaZWLEqf',
  '9hr6hZE+a6g4qgg0h/uH4nMVnmtYWwTVChmKa1NZOAuEpidGNcQBGfsSDiqOqmS5/JvwV/bg',
  'AkYDAcnUqw3YiaRT307CVpDQRtkeDEJzezzL4WmWf7LzyPtdSg4VPWFUUihrq6nshokTATPe',
  'X4tjFrPqRg3HmqtWQmb5SEE244ElBnEK4If/2VgcIVXfBx1YuPyaFs7v5HUtFiNLX8cyLTeI',
  'TAIJBilbdJtSkC1+IFbPEbjoW1CtLEKpyLyIPvdhXuz1pdoPCXAe0meMJ/GxOA562p/G5P48',
  'eeb/scRiJXbLQLrHJg58IQeT1iBeKKVLClhNRMmu5Vxd7q9aUW8nfwMwggECBgkqhkiG9w0B',
  'BwGggfQEgfEwge4wgesGCyqGSIb3DQEMCgECoIG0MIGxMBwGCiqGSIb3DQEMAQMwDgQIF0KL',
  'P/HRS9QCAggABIGQdsnmQ3g/ZeK96al5P1ek17Ya22a11g3dcuPgSPjlhSTdiApbAfUnt9aG',
  'xgU2RByORC4n5Rm+O/GsKGgDQtkiQ0dV40G99y2g0lpVSvJpjRAKSs5+ta08+HZYdaIz0Pl+',
  'BVZieqk4s/LVBMk6MkbLyMC78WoHrb0HRh+IP2VPlEbCK1TeBM+FUqKcjVdXNOk7MSUwIwYJ',
  'KoZIhvcNAQkVMRYEFDZzV5og6G2B26q6z426tVuMr0dQMDEwITAJBgUrDgMCGgUABBTLxFb3',
  '5T+UmduWsVFmXj4+ilb/MQQI5cNZ1NfQshcCAggA',
].join(''), 'base64');

module.exports = { key, pfx, passphrase: 'open' };
