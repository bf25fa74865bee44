#!/bin/sh
# The arc command: finds a JDK, installs and builds what is missing, and runs the program.
#
# arc package [DIR]      makes a Debian package of the present sources
#
# ARCFS_NO_BUILD=1         run what was built before, whatever the sources say
# ARCFS_JAVA_OPTIONS=...   more options for Java, for the command and for the daemon
set -eu

self=$(readlink -f -- "$0") || exit 1
root=${self%/*}
# shellcheck source=tools/setup.sh
. "$root/tools/setup.sh"
# shellcheck source=tools/start-daemon.sh
. "$root/tools/start-daemon.sh"

modules="ublk-device erofs-image archive-tier overlay recovery fuse-frontend"
builds=$root/fuse-frontend/target/run
current=$builds/current

fail() {
    arcfs_say "$@"
    exit 1
}

# Whether there is no build, or a source is newer than the one there is.
build_is_stale() {
    [ -f "$current/arcfs-app.jar" ] || return 0
    [ -z "${ARCFS_NO_BUILD:-}" ] || return 1
    set -- "$root/pom.xml"
    for module in $modules; do
        set -- "$@" "$root/$module/pom.xml" "$root/$module/src/main"
    done
    [ -n "$(find "$@" -newer "$current/built" -print -quit 2>/dev/null)" ]
}

build() {
    mkdir -p -- "$root/target" 2>/dev/null || true
    [ -w "$root/target" ] ||
        fail "build: $root/target cannot be written; build once as the owner of $root"
    exec 9>"$root/target/launcher.lock"
    if ! flock -n 9; then
        arcfs_say "waiting for another build of arcfs"
        flock 9
    fi
    # Somebody else may have built while this one waited.
    if build_is_stale; then
        arcfs_require_packages maven || exit 1
        arcfs_say "building arcfs, this takes a minute or two"
        run_maven
        publish_build
    fi
    exec 9>&-
}

run_maven() {
    mkdir -p -- "$builds"
    # Before the build: what changes meanwhile is built next time.
    touch -- "$builds/.started"
    log=$root/target/build.log
    (cd -- "$root" && mvn -q -B -Darcfs.quick -Dmaven.test.skip=true -pl fuse-frontend -am package) \
        >"$log" 2>&1 </dev/null 9>&- || fail "build: failed; see $log"
}

# Copies the build to a folder of its own: a daemon goes on with the one it was started from.
publish_build() {
    app=$root/fuse-frontend/target/app
    new=$builds/new.$$
    mkdir -p -- "$new/lib" "$new/native"
    cp -- "$app/arcfs-app.jar" "$new/"
    for jar in "$app"/lib/*.jar; do
        case $jar in
        *-SNAPSHOT.jar | */picocli-*.jar) cp -- "$jar" "$new/lib/" ;;
        *) ln -- "$jar" "$new/lib/" 2>/dev/null || cp -- "$jar" "$new/lib/" ;;
        esac
    done
    # Classes that the JVM would not keep in its cache. Without it arc starts slower.
    "$JAVA_HOME/bin/java" -XX:+UseSerialGC -cp "$new/arcfs-app.jar" io.arcfs.cli.OldClasses \
        "$new"/lib/picocli-*.jar >>"$log" 2>&1 9>&- || true
    # RocksDB's library unpacked once, instead of into /tmp at every start.
    case $(uname -m) in
    aarch64) library=librocksdbjni-linux-aarch64.so ;;
    *) library=librocksdbjni-linux64.so ;;
    esac
    (cd -- "$new/native" && "$JAVA_HOME/bin/jar" xf ../lib/rocksdbjni-*.jar "$library") \
        >>"$log" 2>&1 9>&- || true
    printf '%s\n' "$JAVA_HOME" >"$new/jdk"
    mv -- "$builds/.started" "$new/built"
    name=$(date +%Y%m%d%H%M%S).$$
    mv -- "$new" "$builds/$name"
    train_all "$builds/$name"
    ln -sfn -- "$name" "$builds/.current.$$"
    mv -T -- "$builds/.current.$$" "$current"
    remove_old_builds "$name"
}

# Runs of what people and daemons do, to see which classes each needs: halves the time to start.
# A class that is kept is loaded at every start, so each kind of process has a cache of its own.
train_all() {
    train "$1" arc io.arcfs.cli.Training
    train "$1" image io.arcfs.cli.ImageTraining
    train "$1" device io.arcfs.cli.DeviceTraining
    # Without profiles: C2 would compile for them while the daemon starts, on the same two cores.
    jvm="$daemon_jvm -XX:+UnlockDiagnosticVMOptions -XX:-AOTRecordTraining"
    # Where this user may not mount there is none.
    train "$1" daemon io.arcfs.cli.DaemonTraining
    jvm=$command_jvm
    aot=
    main=io.arcfs.cli.Main
}

# BUILD NAME MAIN. If it fails, it works without.
train() {
    scratch=$(mktemp -d "${TMPDIR:-/tmp}/arcfs-train.XXXXXX") || return 0
    aot=-XX:AOTCacheOutput=$1/$2.aot
    main=$3
    timeout='timeout 60'
    run_java "$1" "$scratch" >>"$log" 2>&1 9>&- || rm -f -- "$1/$2.aot"
    timeout=
    rm -rf -- "$scratch"
}

# Builds that no process runs from any more.
remove_old_builds() {
    for old in "$builds"/*/; do
        old=${old%/}
        case $old in
        "$current" | "$builds/$1") continue ;;
        esac
        if ! grep -qsF -- "$old/" /proc/[0-9]*/cmdline; then
            rm -rf -- "$old"
        fi
    done
}

# Runs the program of a build in a child or, with exec, in place of this shell.
run_java() {
    build=$1
    shift
    # Split into words on purpose: they are options.
    # shellcheck disable=SC2086
    $in_place $timeout "$JAVA_HOME/bin/java" $jvm ${aot:+"$aot"} -Darcfs.daemon.jvm="$daemon_jvm" \
        -Djava.library.path="$build/native" -Darcfs.device.cache="$build/device.aot" \
        --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=deny -Xlog:disable \
        ${ARCFS_JAVA_OPTIONS:-} -cp "$build/arcfs-app.jar" "$main" "$@"
}

# Looking for a JDK takes a few processes; the one that built it does, unless JAVA_HOME asks for another.
jdk=
[ -n "${JAVA_HOME:-}" ] || [ ! -f "$current/jdk" ] || read -r jdk <"$current/jdk"
if [ -n "$jdk" ] && [ -x "$jdk/bin/java" ]; then
    JAVA_HOME=$jdk
    export JAVA_HOME
else
    arcfs_find_jdk || exit 1
fi
# Large pages, because a fresh page of 4 KiB costs more than what a short command does on it.
command_jvm="-XX:-UsePerfData -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:+UseTransparentHugePages -Xms48m -Xmn24m -Xmx1g"
daemon_jvm=$arcfs_daemon_jvm
jvm=$command_jvm
main=io.arcfs.cli.Main
aot=
in_place=
timeout=
LC_ALL=C.UTF-8
ARCFS_COMMAND=$0
# RocksDB would start a shell and ldd to find out which C library this is.
ROCKSDB_MUSL_LIBC=false
export LC_ALL ROCKSDB_MUSL_LIBC ARCFS_COMMAND

case ${1:-} in
up | mount) arcfs_require_packages fuse3 || exit 1 ;;
esac
if build_is_stale; then
    build
fi
newest=$(readlink -f -- "$current")
case $newest in
*[[:space:]]*) ;; # options are words
*) [ ! -f "$newest/daemon.aot" ] || daemon_jvm="$daemon_jvm -XX:AOTCache=$newest/daemon.aot" ;;
esac
aot=
arcfs_find_kind "$@"
if [ "$arcfs_kind" != command ]; then
    jvm=$daemon_jvm
else
    cache=arc
    [ "${1:-}" = image ] && cache=image
    [ ! -f "$newest/$cache.aot" ] || aot=-XX:AOTCache=$newest/$cache.aot
fi
if [ "${1:-}" = package ]; then
    shift
    exec sh "$root/tools/package.sh" "$newest" "$@"
fi
if [ "$arcfs_kind" = detached ]; then
    in_place='setsid -f'
    arcfs_find_inherited
    jvm="$jvm -Darcfs.detach=true -Darcfs.inherited=$arcfs_inherited"
    arcfs_start_daemon run_java "$newest" "$@"
fi
in_place='exec'
run_java "$newest" "$@"
