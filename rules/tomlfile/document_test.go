package tomlfile

import (
	"slices"
	"testing"
)

func TestProblemsKnowTheirLines(t *testing.T) {
	text := `name = 5
[calendars.berlin]
zone = "Europe/Berlin"
hours = { mon = ["09:00-17:00"], tue = 3 }
holidays = [
  "DE", # nationwide
  7,
]
[[targets]]
metric = "update"
[[targets]]
within = { urgent = 1 }
nmae = "x"
[targets.warn]
urgent = true
`
	d, root := Read("p.toml", []byte(text), nil)
	root.String("name")
	berlin := root.Table("calendars").Table("berlin")
	berlin.Strings("holidays")
	hours := berlin.Table("hours")
	for _, day := range hours.Keys() {
		hours.Strings(day)
	}
	targets := root.Tables("targets")
	targets[1].Table("within").String("urgent")
	targets[1].Table("warn").Strings("urgent")
	targets[1].String("name")
	targets[1].Close()

	want := `p.toml:1: name: want a text in quotes, got the number 5
p.toml:4: calendars.berlin.hours.tue: want a list of texts such as ["a", "b"], got the number 3
p.toml:7: calendars.berlin.holidays[1]: want a text in quotes, got the number 7
p.toml:12: targets[1].within.urgent: want a text in quotes, got the number 1
p.toml:13: targets[1].nmae: unknown key; did you mean "name"?
p.toml:15: targets[1].warn.urgent: want a list of texts such as ["a", "b"], got true`
	if got := d.Problems().Error(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestNotTOML(t *testing.T) {
	d, root := Read("p.toml", []byte("name = \"a\"\nname = \"b\"\n"), nil)
	if got := root.String("nothing"); got != "" {
		t.Errorf("got %q from a broken file", got)
	}
	if ps := d.Problems(); len(ps) != 1 || ps[0].Line != 2 {
		t.Errorf("got %v, want one problem on line 2", ps)
	}
}

func TestKeysInOrder(t *testing.T) {
	_, root := Read("p.toml", []byte(`
kinds = { zebra = 1, "a.b" = 2, apple = 3 }
[[jira]]
kinds = { second = 1, first = 2 }
[[jira]]
[jira.kinds]
first = 1
second = 2
`), nil)
	jira := root.Tables("jira")
	for _, c := range []struct {
		table *Table
		want  []string
	}{
		{root.Table("kinds"), []string{"zebra", "a.b", "apple"}},
		{jira[0].Table("kinds"), []string{"second", "first"}},
		{jira[1].Table("kinds"), []string{"first", "second"}},
		{root.Table("nowhere"), nil},
	} {
		if got := c.table.KeysInOrder(); !slices.Equal(got, c.want) {
			t.Errorf("%v: got %q, want %q", c.table, got, c.want)
		}
	}
}

func TestRows(t *testing.T) {
	d, root := Read("p.toml", []byte(`columns = ["at", "n", "list"]
rows = [
  ["Mon", 1, ["a"]],
  ["Tue", "two", []],
  ["Wed"],
  "Thu",
]
[twice]
columns = ["at", "at"]
rows = [["Mon", "Tue"]]
`), nil)
	rows := root.Rows("columns", "rows")
	if len(rows) != 2 || rows[0].String("at") != "Mon" || !slices.Equal(rows[0].Strings("list"), []string{"a"}) || rows[1].Path() != "rows[1]" || rows[1].Line("n") != 4 {
		t.Fatalf("got %+v", rows)
	}
	if n, ok := rows[0].Number("n"); n != 1 || !ok {
		t.Errorf("got %v, want 1", n)
	}
	rows[1].Number("n")
	if twice := root.Table("twice").Rows("columns", "rows"); twice != nil {
		t.Errorf("got %v of columns with the same name", twice)
	}
	root.Close()
	want := `p.toml:4: rows[1].n: want a number, got the text "two"
p.toml:5: rows[2]: has 1 values for 3 columns; write one for each, an empty text where there is nothing to say
p.toml:6: rows[3]: want a list in brackets, got the text "Thu"
p.toml:9: twice.columns[1]: "at" is named twice; name each column once`
	if got := d.Problems().Error(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
