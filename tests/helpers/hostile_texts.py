"""Texts as bad as they come, for every place of a report that shows text of data or configuration.

Each of them is one of a kind: markup and code of an engine that the report is made with, signs that
a file cannot hold, sizes that nobody expects.
"""

import random

# A file of this name is what code that runs leaves behind.
PROOF = "owncontrol-was-here"
RUN = f"__import__('os').system('touch {PROOF}')"
CODE = [
    "{{ 7*7 }}",
    f"{{{{ cycler.__init__.__globals__.os.popen('touch {PROOF}').read() }}}}",
    f"{{% for x in [1] %}}{{{{ {RUN} }}}}{{% endfor %}}",
    "{# comment #} {%- raw -%}",
    "{%{{%}}",
    f".. raw:: html\n\n   <script>document.title='{PROOF}'</script>",
    ".. include:: /etc/passwd",
    "`text <javascript:alert(1)>`_ |sub| name_ :raw-html:`<b>`",
    "\n\n====\nHead\n====\n\n* one\n\n::\n\n  literal",
    f"<script>alert('{PROOF}')</script>",
    "</script></style></textarea></title><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' autofocus onfocus=alert(1) x='",
    "<svg/onload=alert(1)><!-- --><![CDATA[ ]]>",
    "<!-- data dictionary --> <!-- number of table-change -->",
    '<img data-figure="timeline"',
    "&lt;b&gt; &amp;amp; &#60;script&#62; &nbsp",
    "javascript:alert(1)",
    "__proto__",
    "constructor",
    '#panic("x") #eval("1") #read("/etc/passwd")',
    "] #pagebreak() [ $ x $ @table-change <label> // end /* open",
    "*bold _it_ `raw` ~ -- --- ... 'q' \"q\" \\ \\u{41}",
    "= Heading",
    "+ item",
    "1. item",
    "/ term: meaning",
    "$\\frac{1}{0}$ $x$ %s %(a)s {0} {name} {",
    '=HYPERLINK("http://x")',
    '{ HYPERLINK "http://x" } { DDEAUTO c:\\\\x } { INCLUDETEXT "http://x" }',
    "+1+cmd|'/C calc'!A0",
    "@SUM(A1)",
    "-2+3",
    "\t=1",
    "＝1+1",
    "＋1+cmd|'/C calc'!A0",
    "#N/A",
    "_x0041_",
    "# Heading\n\n[a](javascript:alert(1)) ![b](x) <b>x</b>\n\n```",
    "$(touch " + PROOF + ") `touch " + PROOF + "`; touch " + PROOF,
]
SIGNS = [
    "\ue000",
    "a\ue000table-change\ue000b",
    "\uf8ff\U000f0000\U0010fffd",
    "\x00\x01\x1b[31m\x7f\x85\x9f",
    "\ufffe\uffff\U0001fffe\ufdd0",
    "\u202egnp.exe\u202d \u2066x\u2069 \u2067",
    "\u200b\u200c\u200d\u2060\u00ad\ufeff",
    "\u2028\u2029\r\n\v\f",
    "e" + "\u0301" * 300,
    "Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334\u0319\u0324" * 20,
    "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466",
    "\U0001f1ef\U0001f1f5 \U0001f44d\U0001f3fd \u2764\ufe0f",
    "\u0378\U000e0fff\U0003ffff",
    "مرحبا بالعالم (1) שלום 2",
    "脊髄損傷後の骨髄間葉系幹細胞の投与",
    "ไทย हिन्दी বাংলা ក្មែរ 한국어",
    "\u0000",
    "\u3000\u00a0\u202f",
    "\u0301",
    "ﷺ ﷽ 𒐫",
]
SIZES = [
    "",
    " ",
    "   ",
    "\n",
    "x" * 300,
    "very " * 400,
    "X" * 2000,
    "脊" * 2000,
    "a/b/c " * 60,
    "-" * 500,
]
TEXTS = [*CODE, *SIGNS, *SIZES]


def hostile_text(rng: random.Random) -> str:
    """One of the texts, or several of them and plain words in a row."""
    if rng.random() < 0.6:
        return rng.choice(TEXTS)
    parts = rng.choices([*CODE, *SIGNS, "Fever", "a", " ", "12.5 %"], k=rng.randint(2, 4))
    return rng.choice(["", " ", "\n"]).join(parts)
