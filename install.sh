#!/bin/sh
# Installs mosaic for the user who runs this, without asking and without root:
#
#   curl -fsSL URL/install.sh | sh
#   curl -fsSL URL/install.sh | sh -s -- --version 0.1.0
#   sh install.sh --uninstall
#
# What it makes:  ~/.local/share/mosaic/versions/X.Y.Z/mosaic   the executable
#                 ~/.local/share/mosaic/mosaic                  a link to the version in use, replaced by rename
#                 ~/.local/share/mosaic/receipt.json            what was done, for `mosaic update` and `mosaic uninstall`
#                 ~/.local/bin/mosaic                           a link to that link
# It downloads, checks (checksum always, signature where openssl can) and tries the new executable before the link
# changes: whatever fails or interrupts it, the old version stays in use. It never runs the wizard.
set -eu
# Run by zsh it has to behave as sh does.
[ -z "${ZSH_VERSION-}" ] || emulate sh

# Filled in by `npm run release` (release/install-script.ts).
default_base_url=''
release_key=''

tries=3
path_mark='# added by mosaic install.sh'

usage() {
  cat <<'EOF'
usage: install.sh [--version X.Y.Z] [--uninstall] [--help]

environment:
  MOSAIC_INSTALL_BASE_URL     where releases are: https://…, http://…, file:///… or a folder
  MOSAIC_INSTALL_ROOT         default ${XDG_DATA_HOME:-~/.local/share}/mosaic
  MOSAIC_BIN_DIR              default ~/.local/bin
  MOSAIC_NO_MODIFY_PATH=1     leave the shells' start-up files alone
  MOSAIC_REQUIRE_SIGNATURE=1  fail when the signature cannot be checked here
EOF
}

say() { printf '%s\n' "$*" >&2; }

# fail MESSAGE [HINT]
fail() {
  say "install.sh: $1"
  [ -z "${2-}" ] || say "  hint: $2"
  exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

main() {
  wanted=''
  action=install
  while [ $# -gt 0 ]; do
    case $1 in
    --version)
      [ $# -ge 2 ] || fail '--version needs a version' 'install.sh --version 0.1.0'
      wanted=$2
      shift
      ;;
    --version=*) wanted=${1#--version=} ;;
    --uninstall) action=uninstall ;;
    -h | --help)
      usage
      exit 0
      ;;
    *) fail "unknown argument: $1" 'install.sh --help' ;;
    esac
    shift
  done
  find_home
  root=${MOSAIC_INSTALL_ROOT:-${XDG_DATA_HOME:-$home/.local/share}/mosaic}
  bin_dir=${MOSAIC_BIN_DIR:-$home/.local/bin}
  case $root$bin_dir in *'
'*) fail 'a folder with a line break in its name' ;; esac
  case $root in /*) ;; *) fail "MOSAIC_INSTALL_ROOT must be an absolute path, not $root" ;; esac
  case $bin_dir in /*) ;; *) fail "MOSAIC_BIN_DIR must be an absolute path, not $bin_dir" ;; esac
  "$action"
}

# --- what this host is ---

find_home() {
  home=${HOME-}
  if [ -z "$home" ]; then
    home=$(getent passwd "$(id -u)" 2>/dev/null | cut -d: -f6) || home=''
    [ -n "$home" ] || home=$(sed -n "s/^[^:]*:[^:]*:$(id -u):[^:]*:[^:]*:\([^:]*\):.*/\1/p" /etc/passwd 2>/dev/null | head -n 1)
    [ -n "$home" ] || fail 'HOME is not set, and this user has no home folder' 'HOME=/some/folder sh install.sh'
    HOME=$home
    export HOME
  fi
  [ -d "$home" ] || fail "the home folder is not there: $home"
  if [ "$(id -u)" = 0 ] && [ -z "$(find "$home" -prune -user 0 2>/dev/null)" ]; then
    say "install.sh: you are root, but $home is another user's: what is installed there will be root's"
  fi
}

find_platform() {
  case $(uname -s) in
  Linux) os=linux ;;
  Darwin) os=darwin ;;
  *) fail "there is no mosaic for $(uname -s)" ;;
  esac
  case $(uname -m) in
  x86_64 | amd64) arch=x64 ;;
  aarch64 | arm64) arch=arm64 ;;
  *) fail "there is no mosaic for a $(uname -m) processor" ;;
  esac
  # A 64-bit kernel may have a 32-bit system above it.
  if has getconf && [ "$(getconf LONG_BIT 2>/dev/null || echo 64)" = 32 ]; then
    fail 'there is no mosaic for a 32-bit system'
  fi
  # Under Rosetta an Apple processor calls itself x86_64.
  if [ "$os$arch" = darwinx64 ] && [ "$(sysctl -n hw.optional.arm64 2>/dev/null || echo 0)" = 1 ]; then
    arch=arm64
  fi
  platform=$os-$arch
  if [ "$os" = linux ] && is_musl; then platform=$platform-musl; fi
}

is_musl() {
  if has ldd; then
    ldd --version 2>&1 | grep -qi musl
  else
    # No ldd: which loader is there? With both, glibc is the system's.
    for loader in /lib64/ld-linux-*.so* /lib/ld-linux-*.so*; do [ ! -e "$loader" ] || return 1; done
    for loader in /lib/ld-musl-*.so.1; do [ ! -e "$loader" ] || return 0; done
    return 1
  fi
}

# --- downloads ---

find_downloader() {
  case $base_url in
  /*) downloader=copy ;;
  file:///*)
    base_url=${base_url#file://}
    downloader=copy
    ;;
  http://* | https://*)
    if has curl; then downloader=curl
    elif has wget; then downloader=wget
    else fail 'neither curl nor wget is here' 'install one of them with this system'"'"'s packages'; fi
    ;;
  *) fail "not an address or an absolute path: $base_url" ;;
  esac
}

# fetch PATH FILE: PATH below the base URL.
fetch() {
  attempt=1
  while :; do
    rc=0
    fetch_once "$base_url/$1" "$2" || rc=$?
    [ $rc != 0 ] || return 0
    rm -f "$2"
    # Not there stays not there: 22 is curl's and 8 is GNU wget's word for an answer such as 404.
    case $downloader$rc in curl22 | wget8 | copy*) break ;; esac
    [ $attempt -lt $tries ] || break
    say "install.sh: $1: try $attempt failed ($downloader, exit $rc), once more"
    sleep $attempt
    attempt=$((attempt + 1))
  done
  fail "cannot get $base_url/$1 ($downloader, exit $rc)"
}

fetch_once() {
  case $downloader in
  copy) cp -- "$1" "$2" ;;
  curl)
    case $1 in
    https://*) curl --proto '=https' --tlsv1.2 -fsSL --connect-timeout 20 --speed-limit 1 --speed-time 60 -o "$2" -- "$1" ;;
    *) curl -fsSL --connect-timeout 20 --speed-limit 1 --speed-time 60 -o "$2" -- "$1" ;;
    esac
    ;;
  wget) wget -q -T 60 -O "$2" -- "$1" ;;
  esac
}

# --- checks ---

find_hasher() {
  if has sha256sum; then hasher=sha256sum
  elif has shasum; then hasher=shasum
  elif has openssl; then hasher=openssl
  else fail 'nothing here can check a download: none of sha256sum, shasum and openssl' 'install one of them; nothing was downloaded'; fi
}

# The SHA-256 of a file, in hex.
hash_of() {
  case $hasher in
  sha256sum) sha256sum <"$1" ;;
  shasum) shasum -a 256 <"$1" ;;
  openssl) openssl dgst -sha256 -r <"$1" ;;
  esac | cut -c 1-64
}

# What SHA256SUMS says of a name; fails when it says nothing.
listed_hash() {
  listed=$(sed -n "s/^\([0-9a-f]\{64\}\)  $(printf '%s' "$1" | sed 's/\./\\./g')\$/\1/p" "$work/SHA256SUMS")
  [ ${#listed} = 64 ] || fail "SHA256SUMS does not name $1"
  printf '%s' "$listed"
}

# check FILE NAME
check() {
  expected=$(listed_hash "$2")
  actual=$(hash_of "$1")
  [ "$actual" = "$expected" ] || fail "$2 is not what the release says: its SHA-256 is ${actual:-unknown}, not $expected" 'the download was cut off or changed; nothing was installed'
}

check_signature() {
  reason=''
  if [ -z "$release_key" ]; then
    reason='this install.sh has no key'
  elif ! has openssl; then
    reason='openssl is not here'
  else
    printf '%s\n' "$release_key" >"$work/key.pem"
    # LibreSSL, and OpenSSL before 3.0, have no Ed25519 here.
    if ! openssl pkeyutl -help 2>&1 | grep -q -- -rawin || ! openssl pkey -pubin -in "$work/key.pem" -noout 2>/dev/null; then
      reason='this openssl knows no Ed25519'
    fi
  fi
  if [ -n "$reason" ]; then
    [ "${MOSAIC_REQUIRE_SIGNATURE-}" != 1 ] || fail "cannot check the signature: $reason"
    # Over plain HTTP anybody on the way can change both the file and its checksum.
    case $base_url in
    http://127.* | http://localhost* | http://\[::1\]*) ;;
    http://*) fail "cannot check the signature ($reason), and over http:// a checksum proves nothing" 'use https://' ;;
    esac
    say "install.sh: the signature was not checked: $reason"
    return 0
  fi
  fetch "$version/SHA256SUMS.sig" "$work/SHA256SUMS.sig"
  openssl pkeyutl -verify -pubin -inkey "$work/key.pem" -rawin -in "$work/SHA256SUMS" -sigfile "$work/SHA256SUMS.sig" >/dev/null 2>&1 ||
    fail 'the signature of SHA256SUMS is wrong: somebody else made this release' 'nothing was installed'
}

# --- install ---

install() {
  base_url=${MOSAIC_INSTALL_BASE_URL:-$default_base_url}
  [ -n "$base_url" ] || fail 'this copy of install.sh does not know where the releases are' 'MOSAIC_INSTALL_BASE_URL=https://… sh install.sh'
  base_url=${base_url%/}
  find_platform
  find_downloader
  find_hasher
  link=$bin_dir/mosaic
  if [ -e "$link" ] || [ -L "$link" ]; then
    if [ ! -L "$link" ] || [ "$(readlink "$link")" != "$root/mosaic" ]; then
      fail "$link is there, and was not installed by this script" "mv '$link' '$link.old', or set MOSAIC_BIN_DIR"
    fi
  fi
  open_work
  version=$wanted
  if [ -z "$version" ]; then
    fetch latest "$work/latest"
    version=$(head -n 1 "$work/latest")
  fi
  # It becomes a part of paths.
  case $version in
  '' | *[!0-9A-Za-z.-]* | .* | -* | *..*) fail "not a version: $version" ;;
  esac
  name=mosaic-$version-$platform
  fetch "$version/SHA256SUMS" "$work/SHA256SUMS"
  check_signature
  target=$root/versions/$version/mosaic
  expected_binary=$(listed_hash "$name")
  if [ -f "$target" ] && [ -x "$target" ] && [ "$(hash_of "$target")" = "$expected_binary" ]; then
    say "mosaic $version is here already"
  else
    place_binary
  fi
  # Each by rename: at every moment there is a whole link, the old or the new one.
  ln -s "versions/$version/mosaic" "$work/link"
  mv -f "$work/link" "$root/mosaic"
  mkdir -p "$bin_dir"
  if [ ! -L "$link" ]; then ln -s "$root/mosaic" "$link"; fi
  path_files=''
  add_to_path
  write_receipt
  next_steps
}

# A folder on the target's own file system, so that moving out of it is a rename.
open_work() {
  # The usual folder holds the gateway's data too, which is nobody else's to read; one of your own choice may be for all.
  mask=077
  [ -z "${MOSAIC_INSTALL_ROOT-}" ] || mask=022
  (umask $mask && mkdir -p "$root/versions") || fail "cannot make $root/versions"
  # What an installer left that was killed.
  for left in "$root"/.install-*; do
    if [ -d "$left" ] && ! kill -0 "${left##*-}" 2>/dev/null; then rm -rf "$left"; fi
  done
  work=$root/.install-$$
  trap 'rm -rf "$work"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  trap 'exit 129' HUP
  mkdir "$work" || fail "cannot write below $root"
}

place_binary() {
  archive=$name.gz
  if has zstd && grep -q "  $name\.zst\$" "$work/SHA256SUMS"; then archive=$name.zst
  else has gzip || fail 'gzip is not here' 'install it with this system'"'"'s packages'; fi
  say "downloading $base_url/$version/$archive"
  fetch "$version/$archive" "$work/$archive"
  check "$work/$archive" "$archive"
  case $archive in
  *.zst) zstd -q -d -c "$work/$archive" >"$work/mosaic" ;;
  *) gzip -d -c "$work/$archive" >"$work/mosaic" ;;
  esac || fail "cannot unpack $archive" "df -h '$root'"
  check "$work/mosaic" "$name"
  chmod 755 "$work/mosaic"
  said=$("$work/mosaic" --version 2>&1) || said="exit $?: $said"
  case $said in
  "mosaic $version "*) ;;
  *) fail "the new executable does not run here: $said" "$(run_hint)" ;;
  esac
  mkdir -p "$root/versions/$version"
  mv -f "$work/mosaic" "$target"
}

run_hint() {
  case $platform in
  *-musl) echo 'apk add libstdc++ libgcc' ;;
  linux-*) echo 'mosaic needs glibc 2.17 or later; a file system that is mounted noexec cannot hold it' ;;
  esac
}

# --- PATH ---

add_to_path() {
  [ -z "${GITHUB_PATH-}" ] || printf '%s\n' "$bin_dir" >>"$GITHUB_PATH"
  case ":$PATH:" in *":$bin_dir:"*) on_path=1 ;; *) on_path=0 ;; esac
  if [ "${MOSAIC_NO_MODIFY_PATH-}" = 1 ] || [ $on_path = 1 ]; then
    # What an earlier run added is still ours to remove.
    for file in "$home/.profile" "$home/.bashrc" "${ZDOTDIR:-$home}/.zshrc" "$(fish_file)"; do
      if [ -f "$file" ] && grep -qF "$path_mark" "$file"; then note_path_file "$file"; fi
    done
    return 0
  fi
  quoted=$(shell_word "$bin_dir")
  line="case \":\$PATH:\" in *:$quoted:*) ;; *) PATH=$quoted:\"\$PATH\"; export PATH ;; esac $path_mark"
  add_line "$home/.profile" "$line"
  for file in "$home/.bashrc" "${ZDOTDIR:-$home}/.zshrc"; do
    if [ -f "$file" ]; then add_line "$file" "$line"; fi
  done
  case ${SHELL-} in */zsh) add_line "${ZDOTDIR:-$home}/.zshrc" "$line" ;; esac
  if [ -d "$(dirname "$(dirname "$(fish_file)")")" ]; then
    fish=$(printf '%s' "$bin_dir" | sed "s/[\\\\']/\\\\&/g")
    mkdir -p "$(dirname "$(fish_file)")"
    add_line "$(fish_file)" "contains '$fish' \$PATH; or set -gx PATH '$fish' \$PATH $path_mark"
  fi
}

# In single quotes, for a shell to read.
shell_word() { printf "'%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")"; }

fish_file() { printf '%s' "${XDG_CONFIG_HOME:-$home/.config}/fish/conf.d/mosaic.fish"; }

# A file that cannot be written is no reason to fail: mosaic is installed, and its path is told.
add_line() {
  if ! grep -qF "$path_mark" "$1" 2>/dev/null; then
    # Not glued to a last line without an end.
    end=''
    if [ -s "$1" ] && [ -n "$(tail -c 1 "$1")" ]; then end='
'; fi
    (printf '%s%s\n' "$end" "$2" >>"$1") 2>/dev/null || {
      say "install.sh: cannot write $1: add $bin_dir to PATH yourself"
      return 0
    }
  fi
  note_path_file "$1"
}

note_path_file() {
  case "$path_files" in *"$(json "$1")"*) ;; *) path_files="$path_files${path_files:+, }$(json "$1")" ;; esac
}

# A JSON string.
json() { printf '"%s"' "$(printf '%s' "$1" | sed 's/\\/\\\\/g; s/"/\\"/g')"; }

write_receipt() {
  cat >"$work/receipt.json" <<EOF
{
  "schemaVersion": 1,
  "installedBy": "install.sh",
  "baseUrl": $(json "$base_url"),
  "platform": $(json "$platform"),
  "link": $(json "$link"),
  "pathFiles": [$path_files]
}
EOF
  mv -f "$work/receipt.json" "$root/receipt.json"
}

next_steps() {
  say "installed mosaic $version: $link"
  case ":$PATH:" in
  *":$bin_dir:"*) ;;
  *) say "in this shell: PATH=$(shell_word "$bin_dir"):\$PATH" ;;
  esac
  has tmux || say 'mosaic needs tmux 3.2 or later, which is not here'
  # It says how to go on, which is another way with systemd than without.
  say 'next: mosaic fleet init --profile demo --write'
}

# --- uninstall ---

uninstall() {
  if [ ! -d "$root/versions" ] && [ ! -L "$root/mosaic" ]; then
    say "nothing of mosaic is in $root"
    exit 0
  fi
  # It knows best; and its fleet has to go first, because without mosaic nobody could end it. It says why when it can't.
  # What follows is for an executable that is broken or gone.
  if [ -x "$root/mosaic" ] && "$root/mosaic" --version >/dev/null 2>&1; then
    "$root/mosaic" uninstall --yes || fail 'mosaic could not be removed'
  fi
  for file in "$home/.profile" "$home/.bashrc" "${ZDOTDIR:-$home}/.zshrc" "$(fish_file)"; do
    remove_line "$file"
  done
  if [ -L "$bin_dir/mosaic" ] && [ "$(readlink "$bin_dir/mosaic")" = "$root/mosaic" ]; then rm -f "$bin_dir/mosaic"; fi
  rm -rf "$root/versions" "$root/mosaic" "$root/previous" "$root/receipt.json" "$root"/update.* "$root"/.install-* "$root"/.update-*
  rmdir "$root" 2>/dev/null || :
  say "removed mosaic; your roster and configuration stay in ${XDG_CONFIG_HOME:-$home/.config}/mosaic"
}

# Written back in place, so that a start-up file that is a link stays one.
remove_line() {
  if [ ! -f "$1" ] || ! grep -qF "$path_mark" "$1"; then return 0; fi
  kept=$(grep -vF "$path_mark" "$1" || :)
  if [ -n "$kept" ] || [ -L "$1" ]; then printf '%s\n' "$kept" >"$1"; else rm -f "$1"; fi
}

main "$@"
