// SPDX-License-Identifier: MIT
// Keys whose bytes matter. The passphrase of all is "open".
'use strict';

// What old programs encrypted, with DES and RC2; OpenSSL 3 does not load it.
const desKey = `-----BEGIN ENCRYPTED PRIVATE KEY-----
MIHgMEsGCSqGSIb3DQEFDTA+MCkGCSqGSIb3DQEFDDAcBAiyasWg112ECwICCAAw
DAYIKoZIhvcNAgkFADARBgUrDgMCBwQII0zUjLpuUI0EgZBr58xwTL9/wn5vieRk
yXZCyA1VPbg75RdK8c2N2u+mrxrlfRfBOrdAC7ptMMr508ioW9WpiVh+M2UfjjzL
1Whltq+JMh0KiNSfXHp6HyLRZ5w9Pstkl/BYPI8WH7GuUAD0c6i/EYA+WXi7+XPx
rwOzOByNzbhwcLAr+wuJyHJ8ba8Vp5Kgij34rXJT6TShwVE=
-----END ENCRYPTED PRIVATE KEY-----
`;

const rc2Pfx = Buffer.from([
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

// With a wrong passphrase this one decrypts to wrong padding. One in 256 does
// not, and gives another error.
const key = `-----BEGIN ENCRYPTED PRIVATE KEY-----
MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAgHgtFZajsmXgICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEJGlIFvrONs/hiTv+o5YYLoEgZBs
534QHxeEjzGS+9Grtn8NzzV2W4Iy/nzom5yoZvyagAiur8gnSYRoNuM58cOvg9fV
DVj4bKbS5AOztSgtgsmHP6i0o+BC+OiFm4G+lyfl3WH2wjNvOTx4XMJLsS2L/SiN
d95dDdUvZWFzVUqE1y7oX/+4PT11Wz1oZxnvc/fUjY8sZFvkCDWt99tv2kbH7iM=
-----END ENCRYPTED PRIVATE KEY-----
`;

module.exports = { desKey, key, passphrase: 'open', rc2Pfx };
