package asyncapi

import (
	"go/doc/comment"
	"strings"
	"unicode"
	"unicode/utf8"
)

// markdown is a Go doc comment as the plain CommonMark that descriptions are
// written in: headings, paragraphs and lists, each on lines of its own. The
// first section is left out where headings follow: it speaks to whoever changes
// the package.
func markdown(text string) string {
	var parser comment.Parser
	var blocks []string
	for _, block := range parser.Parse(text).Content {
		switch block := block.(type) {
		case *comment.Heading:
			if !strings.Contains(strings.Join(blocks, ""), "## ") {
				blocks = nil
			}
			blocks = append(blocks, "## "+inline(block.Text))
		case *comment.Paragraph:
			blocks = append(blocks, inline(block.Text))
		case *comment.List:
			var items []string
			for _, item := range block.Items {
				for _, content := range item.Content {
					if paragraph, ok := content.(*comment.Paragraph); ok {
						items = append(items, "- "+inline(paragraph.Text))
					}
				}
			}
			blocks = append(blocks, strings.Join(items, "\n"))
		case *comment.Code:
			blocks = append(blocks, "```\n"+block.Text+"```")
		}
	}
	return strings.Join(blocks, "\n\n")
}

// inline is running text on one line.
func inline(parts []comment.Text) string {
	var out strings.Builder
	for _, part := range parts {
		switch part := part.(type) {
		case comment.Plain:
			out.WriteString(string(part))
		case comment.Italic:
			out.WriteString(string(part))
		case *comment.Link:
			out.WriteString(inline(part.Text))
		case *comment.DocLink:
			out.WriteString(inline(part.Text))
		}
	}
	return strings.Join(strings.Fields(out.String()), " ")
}

// withoutName turns "Name does this." and "Name is this." into sentences that
// stand below the name.
func withoutName(name, text string) string {
	rest, found := strings.CutPrefix(text, name+" ")
	if !found {
		return text
	}
	return sentence(strings.TrimPrefix(rest, "is "))
}

// sentence begins with a capital and ends with a stop.
func sentence(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	text = string(unicode.ToUpper(first)) + text[size:]
	if !strings.HasSuffix(text, ".") {
		text += "."
	}
	return text
}

func firstSentence(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	if first, _, found := strings.Cut(line, ". "); found {
		return first + "."
	}
	return line
}
