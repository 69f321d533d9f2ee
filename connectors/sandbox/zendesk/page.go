package zendesk

import (
	"encoding/base64"
	"fmt"
	"maps"
	"net/url"
	"strconv"
	"strings"
)

// page answers with a part of a list, in the way that Zendesk pages lists: by
// cursor if the request has page[size] or page[after], else by page number, of
// which there are 100. A page has up to 100 rows.
func page[T any](c *call, key string, items []T) (any, *apiError) {
	q := c.URL.Query()
	if q.Has("page[size]") || q.Has("page[after]") {
		part, meta, links, e := cursorPage(c, items, 100)
		return map[string]any{key: part, "meta": meta, "links": links}, e
	}
	number, e := c.number("page", 1)
	if e != nil {
		return nil, e
	}
	size, e := c.number("per_page", 100)
	if e != nil {
		return nil, e
	}
	number, size = max(1, number), max(1, min(100, size))
	if number > 100 {
		return nil, badRequest("InvalidPaginationDepth", "Number of pages is limited to 100: use cursor pagination")
	}
	from, to := min(len(items), (number-1)*size), min(len(items), number*size)
	answer := map[string]any{key: append([]T{}, items[from:to]...), "count": len(items), "next_page": nil, "previous_page": nil}
	if to < len(items) {
		answer["next_page"] = c.link("page", strconv.Itoa(number+1))
	}
	if number > 1 {
		answer["previous_page"] = c.link("page", strconv.Itoa(number-1))
	}
	return answer, nil
}

// cursorPage is one page by cursor. Lists only grow at their end, so that a
// cursor is a place in the list; to callers it is opaque.
func cursorPage[T any](c *call, items []T, limit int) (part []T, meta, links map[string]any, e *apiError) {
	size, e := c.number("page[size]", 100)
	if e != nil {
		return nil, nil, nil, e
	}
	if size < 1 || size > limit {
		return nil, nil, nil, badRequest("InvalidPaginationParameter", fmt.Sprintf("page[size] must be from 1 to %d", limit))
	}
	from := 0
	if after := c.URL.Query().Get("page[after]"); after != "" {
		b, err := base64.RawURLEncoding.DecodeString(after)
		text, ours := strings.CutPrefix(string(b), "row|")
		text, _, _ = strings.Cut(text, "|") // a mark
		n, err2 := strconv.Atoi(text)
		if err != nil || err2 != nil || !ours || n < 0 {
			return nil, nil, nil, badRequest("InvalidPaginationParameter", "page[after] is not valid")
		}
		from = min(n, len(items))
	}
	to := min(len(items), from+size)
	meta = map[string]any{"has_more": to < len(items), "after_cursor": nil, "before_cursor": nil}
	links = map[string]any{"next": nil, "prev": nil}
	if to > from {
		meta["after_cursor"] = rowCursor(to)
		meta["before_cursor"] = rowCursor(from)
	}
	if to < len(items) {
		links["next"] = c.link("page[after]", rowCursor(to))
	} else if at, mark, ok := c.endless(0, max(0, to-size), to); ok {
		next := rowCursor(at, mark)
		meta["has_more"], meta["after_cursor"], links["next"] = true, next, c.link("page[after]", next)
	}
	return append([]T{}, items[from:to]...), meta, links, nil
}

// rowCursor is a place in a list; with a mark it differs from others for that place.
func rowCursor(row int, mark ...string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strings.Join(append([]string{"row|" + strconv.Itoa(row)}, mark...), "|")))
}

// number is a parameter as a number.
func (c *call) number(name string, absent int) (int, *apiError) {
	text := c.URL.Query().Get(name)
	if text == "" {
		return absent, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, badRequest("InvalidPaginationParameter", name+" must be a number")
	}
	return n, nil
}

// link is this request's address with some parameters set, in pairs; an empty
// value takes one away.
func (c *call) link(pairs ...string) string {
	q := maps.Clone(c.URL.Query())
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			q.Del(pairs[i])
			continue
		}
		q[pairs[i]] = []string{pairs[i+1]}
	}
	return c.base + c.URL.Path + ".json?" + url.Values(q).Encode()
}
