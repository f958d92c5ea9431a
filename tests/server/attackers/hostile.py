"""Hostile parts of HTTP requests, as data: almost valid heads, lengths, ranges, cursors, numbers and chunks."""

from __future__ import annotations

from random import Random

SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n"
"""A request that hides in the body of another; it must never be answered."""

DIGITS = [
    *(
        "0",
        "1",
        "2",
        "3",
        "10",
        "00",
        "-1",
        "-0",
        "+1",
        "0x10",
        "1_0",
        "1e3",
        "1.5",
        "",
        " 5",
        "5 ",
        "\u0665",
        "\uff15",
    ),
    *("2147483648", "4294967296", "9223372036854775807", "9223372036854775808", "18446744073709551616"),
    *("9" * count for count in (19, 20, 30, 400, 4300, 4301, 5000)),
    *("0" * 5000, "0" * 5000 + "1"),
]
TYPES = [
    *(
        "text/xml",
        "application/json",
        "application/x-www-form-urlencoded",
        "application/soap+xml",
        "multipart/form-data",
    ),
    *("", "text", "text/", "/", ";", "TEXT/XML", "application/json, text/xml", "*/*", "x" * 5000, "\xff\xfe"),
]
PARAMETERS = [
    *("charset=utf-8", "charset=UTF-16", "charset=", 'charset="', 'charset="utf-8', "charset=x-none", "charset=rot13"),
    *("charset*=a", "charset*0=b", "charset*1=c", "charset*0*=utf-8''utf-8", "charset*=utf-8''%FF", "charset*=utf-8'"),
    *("charset*=''x", "charset*0*=%", "charset**=x", "charset*x=y", "charset*-1=x", "charset*0*0=x", "charset=\xff"),
    *(f"charset*{digits}=x" for digits in ("00", "9" * 30, "9" * 4300, "9" * 4301, "9" * 5000)),
    *("boundary=", "boundary=" + "b" * 5000, "", "=", "==", "a=b=c", "q=1e400", "q=nan", '"', "\\", "version=\u0665"),
]
LENGTHS = [
    "Content-Length: {}",
    "Content-Length: {}, {}",
    "Content-Length:{}",
    "content-length: {}\r\nContent-Length: {}",
]
CODINGS = [
    *("chunked", "Chunked", "identity", "gzip, chunked", "chunked, chunked", "chunked, identity", "xchunked", ""),
    *(" chunked", "\tchunked", "\x0bchunked", "chunked;q=1", '"chunked"', "chunked\r\nTransfer-Encoding: identity"),
]
NUMBERS = [
    *("1e10000000000000000000", "-1e10000000000000000000", "1e-10000000000000000000", "1e400", "-1e400", "1e-400"),
    *("1e308", "1e19", "1E+2147483648", "1e99999999999999", "NaN", "-NaN", "Infinity", "-Infinity", "-0", "-0.0"),
    *("00", "01", "+1", ".5", "5.", "0x1", "1_0", "1e", "1e+", "--1", "0." + "1" * 5000, "9" * 5000 + "e-5000"),
    *(digits for digits in DIGITS if digits.isascii() and digits.isdigit()),
]
VALUES = [
    *("true", "false", "null", '""', '" "', "[]", "{}", "[[]]", '{"":0}', '"\\u0000"', '"\\ud800"', '"\\udc00\\ud800"'),
    *('"\xff"', '"9999-12-31"', '"0000-00-00"', '"2026-02-30"', '"2026-1-1"', '"+10000-01-01"', '"2026-01-01T25:00"'),
    *('"2026-01-01T00:00:00+99:99"', '"-1"', '"NaN"', '"1e400"', '"' + "9" * 5000 + '"', '"' + "x" * 5000 + '"'),
    *("[" * 10_000, "[" * 500 + "]" * 500, '{"a":' * 5000, "tru", "'x'", "/**/1", "1 2", '"a\nb"', '"\\x"', '"\\u12"'),
    '["' + '","'.join(["x"] * 2000) + '"]',
]
SIZES = [
    *(
        "{:x}",
        "{:X}",
        "0{:x}",
        "000000{:x}",
        " {:x}",
        "{:x} ",
        "{:x}\t",
        "+{:x}",
        "-{:x}",
        "0x{:x}",
        "{:x}_0",
        "{:x}h",
        "x",
    ),
    *(
        "",
        "z",
        "-1",
        "f" * 15,
        "f" * 16,
        "f" * 17,
        "f" * 30,
        "1" + "0" * 15,
        "1" + "0" * 16,
        "1" + "0" * 17,
        "0" * 5000,
    ),
    *(
        "{:x};a=b",
        '{:x};a="b',
        "{:x};" + "x" * 9000,
        "{:x};" + "x" * 100_000,
        "{:x};a\n",
        "{:x};\rx",
        "{:x}\0",
        "{:x};\xff",
    ),
]
ENDS = [b"\r\n"] * 12 + [b"\n", b"\r", b"", b"\r\r\n", b"\n\r\n", b"\r\n\r\n", b"XX", b"\0\r\n"]
TRAILERS = [b""] * 12 + [
    *(
        b"X: y\r\n",
        b"X T\r\n",
        b"X : y\r\n",
        b": y\r\n",
        b"X: a\0b\r\n",
        b"X\r\n",
        b" X: y\r\n",
        b"X: y\n",
        b"X: y\rZ\r\n",
    ),
    *(b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n", b"Host: x\r\n", b"X: " + b"y" * 100_000 + b"\r\n"),
    b"".join(b"X%d: y\r\n" % number for number in range(2000)),
]
HEADERS = [
    *("Authorization: Basic", "Authorization: Basic =", "Authorization: Basic /w==", "Authorization: Basic AAAA"),
    *(
        "Authorization: Bearer",
        "Authorization: Bearer a b",
        "Authorization: " + "x" * 9000,
        "Authorization: ZSession \xff",
    ),
    *(
        "apiAccessKeyId: \xff",
        "apiAccessKeyId: x\r\napiSecretAccessKey: \xc3\xa9",
        "Cookie: ZSession=",
        'Cookie: ZSession="',
    ),
    *(
        "Cookie: =;;; ZSession=x=y",
        "Cookie: " + "a=b; " * 2000,
        "Accept-Encoding: gzip;q=1e400",
        "Accept-Encoding: gzip;q=",
    ),
    *(
        "Accept-Encoding: gzip;q=....",
        "Accept-Encoding: " + "gzip," * 2000,
        "Content-Encoding: gzip",
        "Content-Encoding: br",
    ),
    *(
        "Content-Encoding: deflate",
        "Content-Encoding: gzip, gzip",
        "Prefer: handling=strict",
        "Prefer: ,=,;",
        "Accept: ;q",
    ),
    *(
        "Zuora-Org-Ids: x",
        "Zuora-Org-Ids: ,",
        "Zuora-Entity-Ids: " + "x," * 2000,
        "Zuora-Track-Id: a:b",
        "async: maybe",
    ),
    *(
        "Zuora-Track-Id: " + "x" * 65,
        "Host: ",
        "Host: a b",
        "Host: \xff",
        "Host: [::1",
        "Host: h:99999999",
        "Host: <x>",
    ),
    *("X-Forwarded-For: " + "1," * 900, "X-Forwarded-Proto: x\r\nX-Forwarded-Port: \u00b2", "Forwarded: for=x"),
    *(
        "Expect: 100-continue",
        "Expect: 200-ok",
        "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings",
        "Connection: close, x",
    ),
    *(
        "X-A: a\0b",
        "X-A: a\rb",
        "X-A: a\r\n b",
        "X A: b",
        "X-A : b",
        ": b",
        "X-A",
        " X-A: b",
        "X_A: b",
        "X-A: " + "b" * 500_000,
    ),
    *("\r\n".join(f"X-{number}: y" for number in range(count)) for count in (90, 101, 5000)),
    *("If-Range: x", "If-Range: ", "TE: trailers", "Max-Forwards: 0", "Keep-Alive: timeout=" + "9" * 5000),
]
METHODS = [
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "DELETE",
    "PATCH",
    "OPTIONS",
    "TRACE",
    "CONNECT",
    "FOO",
    "get",
    "G" * 300,
    "",
    "WEBSOCKET",
]
TARGETS = [
    *(
        "/",
        "*",
        "//",
        "///v1/",
        "/%00",
        "/%",
        "/%zz",
        "/%ff",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/../../etc/passwd",
        "/\\",
        "h:80",
    ),
    *(
        "http://other/healthz",
        "https://h/openapi.json",
        "http://",
        "//other/healthz",
        "/healthz?\xff",
        "/docs?" + "a=b&" * 400,
    ),
    *(
        "/v1/files/%00",
        "/v1/files/%ff",
        "/v1/files/\u00e9",
        "/v1/files/..%2f..%2f",
        "/v1/files/{x}",
        "/v1/billing-preview-runs/%0a",
    ),
    *("/v1/billing-preview-runs/x/results?pageSize=" + digits for digits in ("0", "-1", "9" * 4301, "1e9", "%D9%A1")),
    *(
        "/async_requests/%00",
        "/v2/accounts/%ff/preview",
        "/apps/services/a/%00",
        "/apps/services/a/9" + "9" * 400,
        "/rest/",
        "x",
    ),
    *(
        "/apps/servlet/GenerateWsdl?version=%00",
        "/apps/servlet/GenerateWsdl?version=" + "9" * 999,
        "/v1/\u2028",
        "/v1/%C0%AF",
    ),
]


def content_type(random: Random) -> str:
    """A media type with up to three parameters."""
    parameters = random.choices(PARAMETERS, k=random.randrange(4))
    return random.choice(["; ", ";", " ;; "]).join([random.choice(TYPES[:4] * 4 + TYPES), *parameters])


def content_range(random: Random) -> str:
    """A Range header's value: one, several or no ranges, with large and small numbers."""

    def one() -> str:
        first, last = (random.choice([*DIGITS, "", "", ""]) for _ in range(2))
        return random.choice(["{}-{}", "{}-{}", "{}-{}", "{}--{}", "{}", "-{1}", "{}-", "{}-{}-0", "{} - {}"]).format(
            first, last
        )

    count = random.choice([1, 1, 1, 1, 2, 3, 2000])
    ranges = ["0-0"] * count if count > 3 else [one() for _ in range(count)]
    return random.choice(["bytes="] * 8 + ["bytes", "bytes =", "BYTES=", "items=", "bytes=,", ""]) + ",".join(ranges)


def cursor(random: Random, known: list[str]) -> str:
    """A cursor of a run's results: one of another run, or something similar, already URL-encoded."""
    part, position = (random.choice([*DIGITS, "9" * 18, "%00", "%ff", "%D9%A1"]) for _ in range(2))
    made = random.choice(["{}.{}", "{}.{}", "{}.{}", "{}", "{}.{}.1", ".{}", "{}.", "{},{}"]).format(part, position)
    odd = ["", ".", "MS4x", "MS4x==", "%", "%FF%FE", "1.1%00", "' OR 1=1 --", "x" * 1000, "1.1&cursor=2.2"]
    return random.choice([made, made, made, random.choice(odd), random.choice(known)]).replace(" ", "%20")


def json_value(random: Random) -> str:
    """A JSON value, or a text that looks like one."""
    return random.choice([random.choice(NUMBERS), random.choice(NUMBERS), random.choice(VALUES)])


def chunked(random: Random, body: bytes) -> bytes:
    """A body in chunks, most of them valid."""
    pieces, sent = [body[:7], body[7:100], body[100:]][: random.randint(1, 3)], b""
    for piece in pieces:
        size = random.choice(["{:x}"] * 12 + SIZES).format(len(piece)).encode("latin-1")
        sent += size + random.choice(ENDS) + piece + random.choice(ENDS)
    return (
        sent
        + random.choice([b"0\r\n"] * 9 + [b"00000\r\n", b"0\n", b"0;x=y\r\n", b""])
        + random.choice(TRAILERS)
        + b"\r\n"
    )
