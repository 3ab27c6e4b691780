"""The answer and the outline of the bundled report, kept as they were."""

import html
import re


def test_answer_and_outline(example_page, golden):
    text = example_page.read_text(encoding="utf-8")
    answer = re.search(r'class="answer">.*?<p>(.*?)</p>', text, re.DOTALL)
    outline = re.findall(r"<(?:h1|h2|caption|th scope=\"col\")[^>]*>(.*?)</", text)
    golden("report.txt", html.unescape("\n".join([answer.group(1), *outline])) + "\n")
