package deploy

import (
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// build runs the line of the Dockerfile that builds the program.
func build(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "parley")
	line := regexp.MustCompile(`(?m)^RUN (CGO_ENABLED=0 go build .* -o) /out/parley (\S+)`).FindStringSubmatch(dockerfile(t))
	if line == nil {
		t.Fatal("the Dockerfile does not build Parley")
	}
	command := exec.Command("sh", "-c", line[1]+" "+path+" "+line[2])
	command.Dir, command.Env = "..", append(os.Environ(), "VERSION=image", "GOFLAGS=")
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", command, err, output)
	}
	return path
}

func dockerfile(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The program needs nothing beside itself, so an image without anything will do.
func TestProgramIsStatic(t *testing.T) {
	program := build(t)
	file, err := elf.Open(program)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for _, segment := range file.Progs {
		if segment.Type == elf.PT_INTERP {
			t.Error("the program asks for a loader")
		}
	}
	output, err := exec.Command(program, "version").Output()
	if err != nil || !strings.HasPrefix(string(output), "parley image ") {
		t.Errorf("version: got %q, %v, want that of the build", output, err)
	}
}

func TestImage(t *testing.T) {
	text := dockerfile(t)
	final := text[strings.LastIndex(text, "\nFROM "):]
	for _, want := range []string{
		"FROM gcr.io/distroless/static-debian13:nonroot\n", // no shell, no package manager
		"\nUSER nonroot\n",
		"\nVOLUME /data\n",
		`HEALTHCHECK --interval=5s --timeout=5s --start-period=30s CMD ["parley", "healthcheck"]`,
		`ENTRYPOINT ["parley"]`,
	} {
		if !strings.Contains(final, want) {
			t.Errorf("the image lacks %q", want)
		}
	}
	for _, from := range regexp.MustCompile(`(?m)^FROM (\S+)`).FindAllStringSubmatch(text, -1) {
		if !regexp.MustCompile(`:[\w.-]*\w$`).MatchString(from[1]) || strings.HasSuffix(from[1], ":latest") {
			t.Errorf("%s is not pinned", from[1])
		}
	}
	// The build has the Go that the module asks for.
	module, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindSubmatch(module)
	if version == nil || !strings.Contains(text, "FROM golang:"+string(version[1])+"-") {
		t.Errorf("go.mod asks for %q", version)
	}
}
