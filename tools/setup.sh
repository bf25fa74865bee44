# shellcheck shell=sh
# What ./arc and ./verify need before Java can do the rest: a JDK and system packages.
# Sourced, POSIX sh. Every function says what is wrong in one line on standard error and returns 1.
#
#   arcfs_find_jdk                 sets and exports JAVA_HOME to a JDK of version 25 or later
#   arcfs_require_packages PKG...  installs what is missing, or names it
#
# ARCFS_TOOL names the tool in messages (default: arc); ARCFS_JDK_MIN is for the tests of this file.

: "${ARCFS_JDK_MIN:=25}"

arcfs_say() {
    printf '%s: %s\n' "${ARCFS_TOOL:-arc}" "$*" >&2
}

# Major version of the JDK in a folder, or nothing. Reads its release file: no process is started.
arcfs_jdk_major() {
    [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 0
    while IFS= read -r arcfs_line || [ -n "$arcfs_line" ]; do
        case $arcfs_line in
        JAVA_VERSION=*)
            arcfs_line=${arcfs_line#JAVA_VERSION=}
            arcfs_line=${arcfs_line#\"}
            arcfs_line=${arcfs_line%%[!0-9]*}
            printf '%s' "$arcfs_line"
            return 0
            ;;
        esac
    done <"$1/release"
}

arcfs_is_jdk() {
    [ -n "$1" ] || return 1
    arcfs_major=$(arcfs_jdk_major "$1")
    [ -n "$arcfs_major" ] && [ "$arcfs_major" -ge "$ARCFS_JDK_MIN" ]
}

# The JDK whose java is first on PATH, links followed.
arcfs_jdk_on_path() {
    arcfs_java=$(command -v java) || return 0
    arcfs_java=$(readlink -f -- "$arcfs_java") || return 0
    case $arcfs_java in
    */bin/java) printf '%s' "${arcfs_java%/bin/java}" ;;
    esac
}

arcfs_find_jdk() {
    for arcfs_home in "${JAVA_HOME:-}" "$(arcfs_jdk_on_path)" \
        /usr/lib/jvm/* /usr/java/* /usr/local/*jdk* /opt/*jdk* /opt/java/* /opt/* \
        "${HOME:-/nonexistent}"/.sdkman/candidates/java/* "${HOME:-/nonexistent}"/.jdks/*; do
        if arcfs_is_jdk "$arcfs_home"; then
            JAVA_HOME=$arcfs_home
            export JAVA_HOME
            return 0
        fi
    done
    arcfs_say "JDK: none of version $ARCFS_JDK_MIN or later found in JAVA_HOME, PATH and the usual" \
        "folders; install one (for example Temurin) or set JAVA_HOME"
    return 1
}

# Whether a package is there: by what it brings, so that other ways to install it count.
arcfs_has_package() {
    case $1 in
    maven) command -v mvn >/dev/null ;;
    fuse3) command -v fusermount3 >/dev/null ;;
    libfuse2)
        for arcfs_lib in /lib/*/libfuse.so.2 /usr/lib/*/libfuse.so.2 /lib/libfuse.so.2 \
            /usr/lib/libfuse.so.2 /lib64/libfuse.so.2 /usr/lib64/libfuse.so.2 \
            /usr/local/lib/libfuse.so.2; do
            [ -e "$arcfs_lib" ] && return 0
        done
        return 1
        ;;
    erofs-utils) command -v mkfs.erofs >/dev/null || [ -x /usr/sbin/mkfs.erofs ] ;;
    xvfb) command -v Xvfb >/dev/null ;;
    dbus-daemon) command -v dbus-daemon >/dev/null ;;
    attr) command -v setfattr >/dev/null ;;
    acl) command -v setfacl >/dev/null ;;
    util-linux) command -v flock >/dev/null && command -v setsid >/dev/null ;;
    mpv | ffmpeg | zsh | fish | rsync | thunar | xdotool | fio | jq | git | python3 | strace | shellcheck) command -v "$1" >/dev/null ;;
    *)
        dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q '^install ok installed'
        ;;
    esac
}

# Runs a command as root: directly, or through sudo if it asks no password.
arcfs_as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo -n "$@"
    fi
}

arcfs_may_be_root() {
    [ "$(id -u)" -eq 0 ] && return 0
    command -v sudo >/dev/null && sudo -n true 2>/dev/null
}

# Newer Debians and Ubuntus call the library of the old FUSE otherwise.
arcfs_package_name() {
    if [ "$1" = libfuse2 ] && ! apt-cache show libfuse2 >/dev/null 2>&1 &&
        apt-cache show libfuse2t64 >/dev/null 2>&1; then
        printf '%s' libfuse2t64
    else
        printf '%s' "$1"
    fi
}

arcfs_install() {
    arcfs_as_root env DEBIAN_FRONTEND=noninteractive apt-get -qy \
        -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 update &&
        for arcfs_pkg in "$@"; do
            arcfs_as_root env DEBIAN_FRONTEND=noninteractive apt-get -qy \
                -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 \
                install --no-install-recommends "$(arcfs_package_name "$arcfs_pkg")" || return 1
        done
}

arcfs_require_packages() {
    arcfs_missing=
    for arcfs_pkg in "$@"; do
        arcfs_has_package "$arcfs_pkg" || arcfs_missing="$arcfs_missing $arcfs_pkg"
    done
    [ -z "$arcfs_missing" ] && return 0
    arcfs_missing=${arcfs_missing# }
    if ! command -v apt-get >/dev/null; then
        arcfs_say "missing packages: $arcfs_missing; install what your system calls them"
        return 1
    fi
    if ! arcfs_may_be_root; then
        arcfs_say "missing packages: $arcfs_missing;" \
            "run as root: apt-get update && apt-get install $arcfs_missing"
        return 1
    fi
    arcfs_say "installing packages: $arcfs_missing"
    arcfs_log=$(mktemp "${TMPDIR:-/tmp}/arcfs-setup.XXXXXX") || return 1
    # The words are package names, meant to be split.
    # shellcheck disable=SC2086
    if arcfs_install $arcfs_missing >"$arcfs_log" 2>&1 </dev/null; then
        rm -f -- "$arcfs_log"
        return 0
    fi
    arcfs_say "packages $arcfs_missing: apt-get could not install them; see $arcfs_log"
    return 1
}
