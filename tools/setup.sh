# What the launchers share: packages installed, configuration made, targets built. Sourced by bash.
#
# With everything in place, require_packages and build cost a few hundredths of a second and touch
# no network. All progress goes to stderr, because stdout belongs to the program being launched.

# The compiler and the options are the project's choice here; plain cmake obeys its user.
unset CXX CXXFLAGS CPPFLAGS LDFLAGS CMAKE_GENERATOR CMAKE_BUILD_TYPE DESTDIR MAKEFLAGS

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
me=$(basename "$0")

say() { printf '%s: %s\n' "$me" "$*" >&2; }

# require_packages [PACKAGE…]: installs what is missing of tools/packages.txt and of these, or says
# how and exits 1.
require_packages() {
  if ! command -v dpkg-query >/dev/null; then
    say "this is no Debian; tools/packages.txt lists what has to be installed"
    return
  fi
  local wanted present package missing=()
  mapfile -t wanted < <(sed 's/#.*//; s/[[:space:]]//g; /^$/d' "$root/tools/packages.txt")
  wanted+=("$@")
  present=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null)
  for package in "${wanted[@]}"; do
    [[ $'\n'$present$'\n' == *$'\n'"installed $package"$'\n'* ]] || missing+=("$package")
  done
  ((${#missing[@]})) || return 0

  local as_root=()
  if ((EUID != 0)); then
    if ! sudo -n true 2>/dev/null; then
      say "${#missing[@]} packages are missing. Run this once, then try again:"
      echo "sudo sh -c 'apt-get update; apt-get install -y --no-install-recommends" \
        "${missing[*]}'" >&2
      exit 1
    fi
    as_root=(sudo -n)
  fi
  say "installing from Debian: ${missing[*]}"
  local log
  log=$(mktemp)
  # A failed update is no reason to stop: the lists that are there may do.
  if ! {
    "${as_root[@]}" apt-get update
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
      apt-get install -y --no-install-recommends "${missing[@]}"
  } >"$log" 2>&1 </dev/null; then
    cat "$log" >&2
    rm -f "$log"
    say "the packages could not be installed (apt-get's own words stand above)"
    exit 1
  fi
  rm -f "$log"
}

# Shows ninja's "[3/40] …" lines as one line that moves, or outside a terminal as one line in all.
show_progress() {
  local what=$1 line said=
  while IFS= read -r line; do
    [[ $line =~ ^\[[0-9]+/[0-9]+\] && $line != *"Re-checking globbed"* ]] || continue
    if [[ -t 2 ]]; then
      printf '\r%s: building %s %s\033[K' "$me" "$what" "${line%%]*}]" >&2
    elif [[ -z $said ]]; then
      say "building $what"
    fi
    said=yes
  done
  if [[ -t 2 && -n $said ]]; then printf '\r\033[K' >&2; fi
}

# build DIR TARGET [CMAKE_OPTION…]: brings TARGET in build/DIR up to date, silent when it is.
# Two at once in one DIR wait for each other. On failure prints the log and returns 1.
build() {
  local dir=$root/build/$1 what=$2
  shift 2
  if ! mkdir -p "$dir" 2>/dev/null || [[ ! -w $dir ]]; then
    say "$dir cannot be written; build in a copy of your own"
    return 1
  fi
  (
    set -o pipefail
    # Not inherited by the compilers, so that a killed build leaves no lock behind.
    exec {lock}>"$dir/lock"
    flock "$lock"
    log=$dir/log.txt
    if ! grep -qsxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$dir/CMakeCache.txt"; then
      rm -rf "$dir"/{CMakeCache.txt,CMakeFiles,build.ninja}  # none yet, or a tree that was moved
    fi
    if [[ ! -f $dir/build.ninja || $(<"$dir/options.txt") != "$*" ]]; then
      printf '%s\n' "$*" >"$dir/options.txt"
      say "configuring build/${dir##*/}"
      # Files are compiled by the handful, which takes a third of the time from scratch.
      if ! cmake -S "$root" -B "$dir" -G Ninja -D CMAKE_UNITY_BUILD=ON "$@" \
        >"$log" 2>&1 {lock}>&-; then
        cat "$log" >&2
        rm -f "$dir/build.ninja"
        say "the configuration failed (CMake's own words stand above)"
        exit 1
      fi
    fi
    if ! ninja -C "$dir" "$what" {lock}>&- 2>&1 | tee "$log" | show_progress "$what"; then
      grep -vE '^(\[[0-9]+/[0-9]+\] |ninja: Entering)' "$log" >&2
      say "the build failed (the compiler's own words stand above)"
      exit 1
    fi
  )
}

# The build that the launchers share.
build_release() {
  build release "$1" -D CMAKE_BUILD_TYPE=Release -D CMAKE_CXX_COMPILER=g++
}

# The build of the fuzzers, which tools/test and tools/fuzz share.
fuzz_options=(-D CMAKE_CXX_COMPILER=clang++ -D CMAKE_BUILD_TYPE=Release
  -D SIMCHAIN_SANITIZE=address,undefined -D SIMCHAIN_FUZZ=ON)
