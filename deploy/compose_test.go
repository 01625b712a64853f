package deploy

import (
	"bytes"
	"context"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

// secrets makes what secrets.sh makes, in a directory of the test, and gives it.
func secrets(t *testing.T) []string {
	t.Helper()
	dir := t.TempDir()
	script, err := os.ReadFile("secrets.sh")
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(dir, "secrets.sh")
	if err := os.WriteFile(copied, script, 0o700); err != nil {
		t.Fatal(err)
	}
	run := func() []byte {
		if output, err := exec.Command(copied).CombinedOutput(); err != nil {
			t.Fatalf("secrets.sh: %v\n%s", err, output)
		}
		text, err := os.ReadFile(filepath.Join(dir, ".env"))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	first := run()
	if again := run(); !bytes.Equal(first, again) {
		t.Error("secrets.sh has overwritten what was there")
	}
	if info, err := os.Stat(filepath.Join(dir, ".env")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf(".env: got %v, %v, want mode 0600", info.Mode(), err)
	}
	var env []string
	for line := range strings.Lines(string(first)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			env = append(env, line)
		}
	}
	return env
}

func load(t *testing.T, file string, env ...string) (*types.Project, error) {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{file}, cli.WithEnv(env), cli.WithResolvedPaths(true))
	if err != nil {
		t.Fatal(err)
	}
	return options.LoadProject(context.Background())
}

func mustLoad(t *testing.T, file string, env ...string) *types.Project {
	t.Helper()
	project, err := load(t, file, env...)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return project
}

// projects are both compositions.
func projects(t *testing.T) []*types.Project {
	return []*types.Project{mustLoad(t, "compose.yaml"), mustLoad(t, "compose.cluster.yaml", secrets(t)...)}
}

func TestClusterNeedsSecrets(t *testing.T) {
	if _, err := load(t, "compose.cluster.yaml"); err == nil || !strings.Contains(err.Error(), "run deploy/secrets.sh first") {
		t.Errorf("without passwords: got %v, want to be told what to do", err)
	}
	one, other := secrets(t), secrets(t)
	for i, line := range one {
		name, value, _ := strings.Cut(line, "=")
		if name != "PARLEY_DOMAIN" && (line == other[i] || len(value) < 22) {
			t.Errorf("%s is no secret", name)
		}
	}
}

var pinned = regexp.MustCompile(`:v?\d+(\.\d+)*(-[a-z]+)?$`)

func TestEveryService(t *testing.T) {
	for _, project := range projects(t) {
		for name, service := range project.Services {
			what := project.Name + "/" + name
			if !pinned.MatchString(service.Image) {
				t.Errorf("%s: the image %q is not pinned", what, service.Image)
			}
			if service.HealthCheck == nil || len(service.HealthCheck.Test) < 2 {
				t.Errorf("%s has no health check", what)
			}
			if service.Restart != types.RestartPolicyUnlessStopped {
				t.Errorf("%s is not started again", what)
			}
			if !slices.Contains(service.SecurityOpt, "no-new-privileges:true") {
				t.Errorf("%s may gain privileges", what)
			}
			if service.Privileged || service.NetworkMode == "host" {
				t.Errorf("%s is not contained", what)
			}
			for _, volume := range service.Volumes {
				if volume.Type == types.VolumeTypeBind && !volume.ReadOnly {
					t.Errorf("%s writes to %s of the host", what, volume.Source)
				}
				if strings.Contains(volume.Source, "docker.sock") {
					t.Errorf("%s has the socket of docker", what)
				}
			}
		}
	}
}

// What has to be kept lies in volumes with names.
func TestVolumes(t *testing.T) {
	kept := map[string]string{"parley": "/data", "parley-1": "/data", "parley-2": "/data", "kafka": "/var/lib/kafka/data", "db": "/var/lib/mysql", "proxy": "/data"}
	for _, project := range projects(t) {
		used := make(map[string]string)
		for name, service := range project.Services {
			path, keeps := kept[name]
			found := !keeps
			for _, volume := range service.Volumes {
				if volume.Type != types.VolumeTypeVolume {
					continue
				}
				if owner, taken := used[volume.Source]; taken {
					t.Errorf("%s and %s share the volume %s", owner, name, volume.Source)
				}
				used[volume.Source] = name
				found = found || volume.Target == path
			}
			if !found {
				t.Errorf("%s/%s has no volume at %s", project.Name, name, path)
			}
		}
	}
}

func TestOnlyTheProxyCanBeReached(t *testing.T) {
	alone, cluster := mustLoad(t, "compose.yaml"), mustLoad(t, "compose.cluster.yaml", secrets(t)...)
	for _, port := range alone.Services["parley"].Ports {
		if port.HostIP != "127.0.0.1" {
			t.Errorf("one server: without HTTPS it can be reached at %q", port.HostIP)
		}
	}
	if !cluster.Networks["back"].Internal {
		t.Error("the network of the services leads outside")
	}
	for name, service := range cluster.Services {
		networks := slices.Sorted(maps.Keys(service.Networks))
		want := []string{"back"}
		switch {
		case name == "proxy":
			want = []string{"front"}
		case strings.HasPrefix(name, "parley-"):
			want = []string{"back", "front"}
		}
		if !slices.Equal(networks, want) {
			t.Errorf("%s is in the networks %v, want %v", name, networks, want)
		}
		if name != "proxy" && len(service.Ports) > 0 {
			t.Errorf("%s can be reached from outside", name)
		}
	}
	if len(cluster.Services["proxy"].Ports) == 0 {
		t.Error("the proxy cannot be reached")
	}
}

func TestParleyIsConfined(t *testing.T) {
	servers := 0
	for _, project := range projects(t) {
		for name, service := range project.Services {
			if !strings.HasPrefix(name, "parley") {
				continue
			}
			servers++
			what := project.Name + "/" + name
			if !service.ReadOnly || !slices.Contains(service.CapDrop, "ALL") || len(service.CapAdd) > 0 {
				t.Errorf("%s may do more than it needs", what)
			}
			if service.StopGracePeriod == nil || service.StopGracePeriod.String() != "30s" {
				t.Errorf("%s has no time to say goodbye: %v", what, service.StopGracePeriod)
			}
			if address := service.Environment["PARLEY_ADVERTISE"]; name != "parley" && (address == nil || *address != "http://"+name+":3000") {
				t.Errorf("%s does not tell the others where it is", what)
			}
			if service.Build == nil || !strings.HasSuffix(service.Build.Dockerfile, "deploy/Dockerfile") {
				t.Errorf("%s is built by %+v", what, service.Build)
			}
		}
	}
	if servers != 3 {
		t.Errorf("got %d servers, want one alone and two together", servers)
	}
}

// Every setting is one that the program knows, and together they are valid.
func TestSettings(t *testing.T) {
	parley := build(t)
	for _, project := range projects(t) {
		for name, service := range project.Services {
			if !strings.HasPrefix(name, "parley") {
				continue
			}
			env := []string{"HOME=/", "PARLEY_LISTEN=:3000", "PARLEY_DATA=/data", "PARLEY_LOG_FORMAT=json"} // of the image
			for key, value := range service.Environment {
				env = append(env, key+"="+*value)
			}
			command := exec.Command(parley, "config", "print")
			command.Env = env
			output, err := command.CombinedOutput()
			if err != nil || bytes.Contains(output, []byte("is no setting")) {
				t.Errorf("%s/%s: %v\n%s", project.Name, name, err, output)
			}
			for _, secret := range secretsOf(service) {
				if bytes.Contains(output, []byte(secret)) {
					t.Errorf("%s/%s: a password is shown:\n%s", project.Name, name, output)
				}
			}
		}
	}
}

var inURL = regexp.MustCompile(`://[^:/]*:([^@]+)@`)

// secretsOf are the passwords in a service's addresses.
func secretsOf(service types.ServiceConfig) (found []string) {
	for _, value := range service.Environment {
		if match := inURL.FindStringSubmatch(*value); match != nil {
			found = append(found, match[1])
		}
	}
	return found
}

// No password lies in the files.
func TestNothingSecretIsCommitted(t *testing.T) {
	for _, file := range []string{"compose.yaml", "compose.cluster.yaml", "Caddyfile", "nginx.conf", "Dockerfile", "parley.service"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(string(text), "\n") {
			key, value, _ := strings.Cut(strings.TrimSpace(line), ":")
			if strings.HasSuffix(key, "PASSWORD") && !strings.Contains(key, "RANDOM") && strings.TrimSpace(value) != "" && !strings.Contains(value, "${") {
				t.Errorf("%s: %s", file, line)
			}
		}
	}
	ignored, err := os.ReadFile(".gitignore")
	if err != nil || !strings.Contains(string(ignored), ".env") {
		t.Errorf(".env may be committed: %q, %v", ignored, err)
	}
}
