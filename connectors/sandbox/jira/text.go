package jira

import (
	"encoding/json"
	"fmt"
	"strings"
)

func (v view) text(s string) any {
	if v.rich {
		return adf(s)
	}
	return s
}

// adf is plain text as an Atlassian document.
func adf(s string) object {
	content := []object{}
	for line := range strings.SplitSeq(s, "\n") {
		p := object{"type": "paragraph", "content": []object{}}
		if line != "" {
			p["content"] = []object{{"type": "text", "text": line}}
		}
		content = append(content, p)
	}
	return object{"type": "doc", "version": 1, "content": content}
}

// adfText is the plain text of an Atlassian document.
func adfText(raw json.RawMessage) (string, error) {
	var doc struct {
		Type    string
		Version int
		Content []struct {
			Content []struct{ Text string }
		}
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		return "", err
	}
	if doc.Type != "doc" || doc.Version != 1 {
		return "", fmt.Errorf("not an Atlassian document")
	}
	var lines []string
	for _, block := range doc.Content {
		line := ""
		for _, leaf := range block.Content {
			line += leaf.Text
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n"), nil
}
