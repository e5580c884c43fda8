"""What is removed from the files of the studio page before they are served, and what stays."""

import pytest

from server.routes.minify import minify_script, minify_style


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("/** Doc. */\n\nexport const a = 1; // one\nexport const b = 2;\n", "export const a=1;export const b=2;"),
        ("const f = (/** @type {any} */ x) =>\n  x;\n", "const f=(x)=>x;"),
        ("if (a) {\n  b();\n} else c();\nd();", "if(a){b()}else c();d();"),
        ("class A {\n  #b = 1;\n\n  get b() {\n    this.#b;\n  }\n}\n", "class A{#_0=1;get b(){this.#_0}}"),
        ("a()\nb()\n", "a()\nb()"),
        ("x = a + +b - -c;", "x=a+ +b- -c;"),
        ("x = 1 .toFixed() + a / b / c;", "x=1 .toFixed()+a/b/c;"),
        ('u = "http://x  // y";\nv = \'it\\\'s  /* */\';', 'u="http://x  // y";v=\'it\\\'s  /* */\';'),
        ('s.replace(/^\\/(?=[/"` ])  "/g, "") / 2;', 's.replace(/^\\/(?=[/"` ])  "/g,"")/2;'),
        ("return /a  b/.test(s);", "return/a  b/.test(s);"),
        ("const s = `a  // ${b + `c  ${ { d: 1 }.d }  e`}  \\` f`;", "const s=`a  // ${b+`c  ${{d:1}.d}  e`}  \\` f`;"),
        ("`$ ${a}$`;", "`$ ${a}$`;"),
        ("gql`\n  query ($i: ID!) {\n    a(i: $i) { ...B }\n  }\n  ${C}\n`", "gql` query($i:ID!){a(i:$i){...B}}${C} `"),
        ('gql`\n  { a(b: "c  d") }`;', 'gql`\n  { a(b: "c  d") }`;'),
        ("for (const [a, b] of c) await d?.[a] ?? (b ? .5 : 1);", "for(const[a,b]of c)await d?.[a]??(b?.5:1);"),
    ],
)  # fmt: skip
def test_scripts_keep_their_meaning(source: str, expected: str) -> None:
    assert minify_script(source) == expected
    assert minify_script(expected) == expected


def test_an_unterminated_template_is_an_error() -> None:
    with pytest.raises(ValueError, match="cannot be read at character 5"):
        minify_script("a = `b")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("/* A. */\n.a,\n.b > .c {\n  color: red;\n  margin: 0 auto;\n}\n", ".a,.b>.c{color:red;margin:0 auto}"),
        ('a::before { content: "/* ; */  x"; }', 'a::before{content:"/* ; */  x"}'),
        (".a :hover {\n  width: calc(1px + 2px); /* why */\n}", ".a :hover{width:calc(1px + 2px)}"),
        ("@media (min-width: 40rem) and (x) { a { b: c } }", "@media (min-width:40rem) and (x){a{b:c}}"),
    ],
)
def test_style_sheets_keep_their_meaning(source: str, expected: str) -> None:
    assert minify_style(source) == expected
