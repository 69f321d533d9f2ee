package slack

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// The rules of Block Kit for messages (docs.slack.dev/reference/block-kit), for
// the blocks and elements that alerts are made of. A block or a property that
// isn't described here is refused.

// A blockPart is one property of a block, an element or an object. Its check
// says what is wrong with the raw value, or nothing.
type blockPart struct {
	required bool
	check    func(raw json.RawMessage) string
}

// A blockShape is the properties that an object may and must have, besides type.
type blockShape map[string]blockPart

var (
	blockID     = blockPart{false, textOf(1, 255)}
	trueOrFalse = blockPart{false, func(raw json.RawMessage) string {
		if s := string(raw); s != "true" && s != "false" {
			return "must be a boolean"
		}
		return ""
	}}
	anyValue    = blockPart{false, func(json.RawMessage) string { return "" }}
	confirmPart = blockPart{false, oneShape(blockShape{
		"title": {true, plainText(100)}, "text": {true, anyText(300)}, "confirm": {true, plainText(30)}, "deny": {true, plainText(30)}, "style": {false, oneOf("primary", "danger")},
	})}
	optionShape = blockShape{"text": {true, plainText(75)}, "value": {true, textOf(1, 150)}, "description": {false, plainText(75)}, "url": {false, textOf(1, 3000)}}
)

// blockShapes and elementShapes are filled by functions, since they refer to
// one another.
func blockShapes() map[string]blockShape {
	return map[string]blockShape{
		"section": {"text": {false, anyText(3000)}, "fields": {false, listOf(1, 10, anyText(2000))},
			"accessory": {false, element("button", "overflow", "static_select", "users_select", "image")}, "expand": trueOrFalse},
		"header":    {"text": {true, plainText(150)}},
		"divider":   {},
		"context":   {"elements": {true, listOf(1, 10, contextElement)}},
		"actions":   {"elements": {true, listOf(1, 25, element("button", "overflow", "static_select", "users_select"))}},
		"image":     {"image_url": {true, textOf(1, 3000)}, "alt_text": {true, textOf(1, 2000)}, "title": {false, plainText(2000)}},
		"markdown":  {"text": {true, textOf(1, 12000)}},
		"rich_text": {"elements": {true, listOf(1, 1000, element("rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_preformatted"))}},
	}
}

func elementShapes() map[string]blockShape {
	leaves := blockPart{true, listOf(0, 1000, element("text", "link", "emoji", "user", "channel", "usergroup", "broadcast", "date"))}
	actionID := blockPart{false, textOf(1, 255)}
	return map[string]blockShape{
		"button": {"text": {true, plainText(75)}, "action_id": actionID, "url": {false, textOf(1, 3000)}, "value": {false, textOf(1, 2000)},
			"style": {false, oneOf("primary", "danger")}, "confirm": confirmPart, "accessibility_label": {false, textOf(1, 75)}},
		"overflow": {"action_id": actionID, "options": {true, listOf(1, 5, oneShape(optionShape))}, "confirm": confirmPart},
		"static_select": {"action_id": actionID, "options": {true, listOf(1, 100, oneShape(optionShape))}, "initial_option": {false, oneShape(optionShape)},
			"confirm": confirmPart, "focus_on_load": trueOrFalse, "placeholder": {false, plainText(150)}},
		"users_select": {"action_id": actionID, "initial_user": {false, textOf(1, 255)}, "confirm": confirmPart, "focus_on_load": trueOrFalse, "placeholder": {false, plainText(150)}},
		"image":        {"image_url": {true, textOf(1, 3000)}, "alt_text": {true, textOf(1, 2000)}},

		"rich_text_section":      {"elements": leaves},
		"rich_text_quote":        {"elements": leaves, "border": anyValue},
		"rich_text_preformatted": {"elements": leaves, "border": anyValue},
		"rich_text_list": {"elements": {true, listOf(1, 1000, element("rich_text_section"))}, "style": {true, oneOf("bullet", "ordered")},
			"indent": anyValue, "offset": anyValue, "border": anyValue},
		"text":      {"text": {true, textOf(1, 12000)}, "style": anyValue},
		"link":      {"url": {true, textOf(1, 3000)}, "text": anyValue, "style": anyValue, "unsafe": trueOrFalse},
		"emoji":     {"name": {true, textOf(1, 255)}, "unicode": anyValue, "skin_tone": anyValue, "style": anyValue},
		"user":      {"user_id": {true, textOf(1, 255)}, "style": anyValue},
		"channel":   {"channel_id": {true, textOf(1, 255)}, "style": anyValue},
		"usergroup": {"usergroup_id": {true, textOf(1, 255)}, "style": anyValue},
		"broadcast": {"range": {true, oneOf("here", "channel", "everyone")}, "style": anyValue},
		"date":      {"timestamp": {true, numeric}, "format": {true, textOf(1, 255)}, "url": anyValue, "fallback": anyValue, "style": anyValue},
	}
}

// checkBlocks says what is wrong with a message's blocks, and where; nothing
// if they may be posted.
func checkBlocks(blocks []json.RawMessage) string {
	if len(blocks) > 50 {
		return "no more than 50 items allowed [json-pointer:/blocks]"
	}
	shapes := blockShapes()
	seen := map[string]bool{}
	for n, raw := range blocks {
		at := fmt.Sprintf(" [json-pointer:/blocks/%d]", n)
		var b struct {
			Type         string
			Text, Fields json.RawMessage
			BlockID      string `json:"block_id"`
		}
		if json.Unmarshal(raw, &b) != nil {
			return "must be an object" + at
		}
		s, ok := shapes[b.Type]
		if !ok {
			return "unsupported type: " + b.Type + at
		}
		s["block_id"] = blockID
		if problem := s.check(raw); problem != "" {
			return problem + at
		}
		if b.Type == "section" && b.Text == nil && b.Fields == nil {
			return "missing required field: text" + at
		}
		if b.BlockID != "" && seen[b.BlockID] {
			return "duplicate block_id: " + b.BlockID + at
		}
		seen[b.BlockID] = true
	}
	return ""
}

// check says what is wrong with an object of this shape.
func (s blockShape) check(raw json.RawMessage) string {
	var have map[string]json.RawMessage
	if json.Unmarshal(raw, &have) != nil || have == nil {
		return "must be an object"
	}
	for name, p := range s {
		value, ok := have[name]
		if !ok {
			if p.required {
				return "missing required field: " + name
			}
			continue
		}
		if problem := p.check(value); problem != "" {
			return name + ": " + problem
		}
	}
	for name := range have {
		if _, ok := s[name]; !ok && name != "type" {
			return "invalid additional property: " + name
		}
	}
	return ""
}

func oneShape(s blockShape) func(json.RawMessage) string { return s.check }

// textOf is a JSON string of min to most characters.
func textOf(least, most int) func(json.RawMessage) string {
	return func(raw json.RawMessage) string {
		var text *string
		if json.Unmarshal(raw, &text) != nil || text == nil {
			return "must be a string"
		}
		switch n := utf8.RuneCountInString(*text); {
		case n < least:
			return fmt.Sprintf("must be more than %d characters", least-1)
		case n > most:
			return fmt.Sprintf("must be less than %d characters", most+1)
		}
		return ""
	}
}

func oneOf(values ...string) func(json.RawMessage) string {
	return func(raw json.RawMessage) string {
		var text string
		if json.Unmarshal(raw, &text) != nil || !slices.Contains(values, text) {
			return "must be one of " + strings.Join(values, ", ")
		}
		return ""
	}
}

func numeric(raw json.RawMessage) string {
	var n json.Number
	if len(raw) > 0 && raw[0] == '"' || json.Unmarshal(raw, &n) != nil || n == "" {
		return "must be a number"
	}
	return ""
}

func listOf(least, most int, check func(json.RawMessage) string) func(json.RawMessage) string {
	return func(raw json.RawMessage) string {
		var list []json.RawMessage
		if json.Unmarshal(raw, &list) != nil || list == nil {
			return "must be an array"
		}
		if len(list) < least || len(list) > most {
			return fmt.Sprintf("must have %d to %d items", least, most)
		}
		for n, item := range list {
			if problem := check(item); problem != "" {
				return fmt.Sprintf("%d: %s", n, problem)
			}
		}
		return ""
	}
}

// element is one of these elements, by their type.
func element(types ...string) func(json.RawMessage) string {
	return func(raw json.RawMessage) string {
		kind := typeOf(raw)
		if !slices.Contains(types, kind) {
			return "unsupported type: " + kind
		}
		return elementShapes()[kind].check(raw)
	}
}

func contextElement(raw json.RawMessage) string {
	if typeOf(raw) == "image" {
		return element("image")(raw)
	}
	return anyText(3000)(raw)
}

func plainText(most int) func(json.RawMessage) string {
	s := blockShape{"text": {true, textOf(1, most)}, "emoji": trueOrFalse}
	return func(raw json.RawMessage) string {
		if kind := typeOf(raw); kind != "plain_text" {
			return "unsupported type: " + kind
		}
		return s.check(raw)
	}
}

// anyText is plain text or Slack's markup.
func anyText(most int) func(json.RawMessage) string {
	markup := blockShape{"text": {true, textOf(1, most)}, "verbatim": trueOrFalse}
	return func(raw json.RawMessage) string {
		if typeOf(raw) == "mrkdwn" {
			return markup.check(raw)
		}
		return plainText(most)(raw)
	}
}

func typeOf(raw json.RawMessage) string {
	var o struct{ Type string }
	_ = json.Unmarshal(raw, &o) // no object: no type
	return o.Type
}
