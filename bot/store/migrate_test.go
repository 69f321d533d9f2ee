package store_test

import (
	"bufio"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vigie/bot/store"
	"vigie/connectors/desk"
)

// raw has its way with a state's file behind the store's back.
func raw(t *testing.T, path, text string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	must(t, err)
	defer db.Close()
	_, err = db.Exec(text)
	must(t, err)
}

func TestFileThatCannotBeOpened(t *testing.T) {
	cases := map[string]struct {
		path func(t *testing.T, dir string) string
		want []string // in the error
	}{
		"a newer program's": {func(t *testing.T, dir string) string {
			path := filepath.Join(dir, "vigie.db")
			openFile(t, path).Close()
			raw(t, path, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, 1)`)
			return path
		}, []string{"version 999", "newer than this program's", "use the newer program"}},
		"no database": {func(t *testing.T, dir string) string {
			path := filepath.Join(dir, "vigie.db")
			must(t, os.WriteFile(path, []byte(strings.Repeat("Dear Nadia, ", 1000)), 0o600))
			return path
		}, []string{"no SQLite database"}},
		"cut off": {func(t *testing.T, dir string) string {
			path := filepath.Join(dir, "vigie.db")
			openFile(t, path).Close()
			whole := got[[]byte](t)(os.ReadFile(path))
			must(t, os.WriteFile(path, whole[:len(whole)/3], 0o600))
			return path
		}, []string{"damaged", "backup"}},
		"a folder": {func(t *testing.T, dir string) string { return dir },
			[]string{"is a folder", "vigie.db"}},
		"in a folder that isn't there": {func(t *testing.T, dir string) string { return filepath.Join(dir, "not", "here", "vigie.db") },
			[]string{"no folder", filepath.Join("not", "here")}},
		"in a folder that can't be written": {func(t *testing.T, dir string) string {
			if os.Getuid() == 0 {
				t.Skip("root may write everywhere")
			}
			must(t, os.Chmod(dir, 0o500))
			t.Cleanup(func() { os.Chmod(dir, 0o700) })
			return filepath.Join(dir, "vigie.db")
		}, []string{"may not", "folder"}},
		"a file that can't be written": {func(t *testing.T, dir string) string {
			if os.Getuid() == 0 {
				t.Skip("root may write everywhere")
			}
			path := filepath.Join(dir, "vigie.db")
			openFile(t, path).Close()
			must(t, os.Chmod(path, 0o400))
			return path
		}, []string{"may not"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			path := c.path(t, t.TempDir())
			s, err := store.Open(t.Context(), path)
			if err == nil {
				s.Close()
				t.Fatal("it was opened")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q, want %q in it", err, want)
				}
			}
		})
	}
}

// A path is a path, whatever a URL would make of it.
func TestOddPaths(t *testing.T) {
	for _, name := range []string{"with space.db", "100%.db", "what?.db", "a#b.db", "été.db", "a&b=c.db"} {
		path := filepath.Join(t.TempDir(), name)
		s := openFile(t, path)
		receive(t, s, "d1", "42")
		if _, err := os.Stat(path); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		dry, remove, err := store.OpenCopy(t.Context(), path)
		must(t, err)
		if got := changed(t, dry); got != "42" {
			t.Errorf("the copy of %s has %q to be read", name, got)
		}
		must(t, dry.Close())
		must(t, remove())
	}
}

// contents are the files of a folder, byte for byte.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, e := range got[[]os.DirEntry](t)(os.ReadDir(dir)) {
		files[e.Name()] = string(got[[]byte](t)(os.ReadFile(filepath.Join(dir, e.Name()))))
	}
	return files
}

func TestCopyLeavesTheOriginalAlone(t *testing.T) {
	for name, running := range map[string]bool{"stopped": false, "while a program works on it": true} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "vigie.db")
			s := openFile(t, path)
			receive(t, s, "d1", "42")
			if !running {
				must(t, s.Close())
			}
			before := contents(t, dir)
			dry, remove, err := store.OpenCopy(t.Context(), path)
			must(t, err)
			receive(t, dry, "d2", "43")
			if got := changed(t, dry); got != "42 43" {
				t.Errorf("the copy has %q to be read", got)
			}
			must(t, dry.Close())
			must(t, remove())
			after := contents(t, dir)
			if running { // the index of the write-ahead log holds the readers' marks
				delete(before, "vigie.db-shm")
				delete(after, "vigie.db-shm")
			}
			if !cmp.Equal(before, after) {
				t.Errorf("the folder had %d files and has %d, or other bytes", len(before), len(after))
			}
			if running {
				receive(t, s, "d3", "44")
			}
		})
	}
	t.Run("of nothing", func(t *testing.T) {
		dir := t.TempDir()
		dry, remove, err := store.OpenCopy(t.Context(), filepath.Join(dir, "vigie.db"))
		must(t, err)
		receive(t, dry, "d1", "42")
		must(t, dry.Close())
		must(t, remove())
		if files := contents(t, dir); len(files) > 0 {
			t.Errorf("it left %d files", len(files))
		}
	})
}

// deliveries, in the environment, has this program be a writer that is killed.
const deliveries = "VIGIE_TEST_DELIVERIES_INTO"

// TestKilledWhileWriting starts this test as a program of its own that takes
// webhooks as fast as it can, says which it has taken, and is killed.
func TestKilledWhileWriting(t *testing.T) {
	if path := os.Getenv(deliveries); path != "" {
		s := openFile(t, path)
		for n := 0; ; n++ {
			id := fmt.Sprint(n)
			if _, err := s.Receive(t.Context(), "zendesk", desk.Delivery{ID: id, Tickets: []string{id}}, noon); err != nil {
				fmt.Println("failed", err)
				return
			}
			fmt.Println("taken", id)
		}
	}
	path := filepath.Join(t.TempDir(), "vigie.db")
	taken := 0
	for life := range 3 {
		// Each life finds the last one's deliveries known.
		c := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKilledWhileWriting$", "-test.v")
		c.Env = append(os.Environ(), deliveries+"="+path)
		out, err := c.StdoutPipe()
		must(t, err)
		must(t, c.Start())
		last := -1
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if _, err := fmt.Sscanf(lines.Text(), "taken %d", &last); err == nil && last == taken+100*(life+1) {
				must(t, c.Process.Kill())
			}
		}
		c.Wait()
		if last < taken {
			t.Fatalf("life %d got no further than %d", life, last)
		}
		taken = last
		s := openFile(t, path)
		for n := range taken + 1 {
			if row := ticket(t, s, fmt.Sprint(n)); row.Marks != 1 {
				t.Fatalf("life %d: delivery %d was taken, and its ticket has %d marks", life, n, row.Marks)
			}
		}
		must(t, s.Close())
	}
}

// A server's address holds a password, which no error may show.
func TestServerThatCannotBeReached(t *testing.T) {
	for _, where := range []string{"postgres://vigie:s3cret@127.0.0.1:1/vigie", "postgres://vigie:s3cret@127.0.0.1:99999/vigie", "postgres://vigie:s3cret@%zz/"} {
		_, err := store.Open(t.Context(), where)
		if err == nil || strings.Contains(err.Error(), "s3cret") || !strings.Contains(err.Error(), "open store") {
			t.Errorf("%v", err)
		}
		_, _, err = store.OpenCopy(t.Context(), where)
		if err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("copy: %v", err)
		}
	}
}
