"""What is removed from the files of the studio page before they are served, and what stays."""

import pytest

from server.routes.minify import minify_script, minify_style


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("/** Doc. */\n\nexport const a = 1; // one\n", "export const a=1;"),
        ("export const f = (/** @type {any} */ x) =>\n  x;\n", "export const f=x=>x;"),
        ('export const u = "http://x  // y";', "export const u=`http://x  // y`;"),
        ("export const s = `a  ${b}\n  c`;", "export const s=`a  ${b}\n  c`;"),
        (
            "export const Q = gql`\n  query ($id: ID!) { a(id: $id) { ...F } }\n  ${F}\n`;",
            "export const Q=gql`query($id:ID!){a(id:$id){...F}}${F}`;",
        ),
        ('export const r = /[/"]  b/g;', 'export const r=/[/"]  b/g;'),
    ],
)
def test_scripts_keep_their_meaning(source: str, expected: str) -> None:
    assert minify_script(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("/* A. */\n.a,\n.b > .c {\n  color: red;\n  margin: 0 auto;\n}\n", ".a,.b>.c{color:red;margin:0 auto}"),
        ('a::before { content: "/* ; */  x"; }', 'a:before{content:"/* ; */  x"}'),
        (".a :hover {\n  width: calc(100% - 2px); /* why */\n}", ".a :hover{width:calc(100% - 2px)}"),
    ],
)
def test_style_sheets_keep_their_meaning(source: str, expected: str) -> None:
    assert minify_style(source) == expected
