#!/bin/sh
# Makes a Debian package of a build: a runtime of its own (jlink), the program, the one native library
# this CPU needs, units, manual pages, completions and a desktop entry. Called by ./arc package.
#
#   tools/package.sh BUILD [DIR]     BUILD is a folder of fuse-frontend/target/run; DIR gets the package
set -eu

self=$(readlink -f -- "$0")
root=${self%/tools/package.sh}
# shellcheck source=tools/setup.sh
. "$root/tools/setup.sh"
arcfs_find_jdk || exit 1
build=$(readlink -f -- "$1")
out=${2:-$root/target/package}

# What the program and its libraries use, by jdeps and by trying: logback wants java.naming and
# java.xml, RocksDB and jnr want jdk.unsupported.
modules=java.base,java.logging,java.management,java.naming,java.sql,java.xml,jdk.management,jdk.unsupported,jdk.zipfs

fail() {
    arcfs_say "package: $*"
    exit 1
}

command -v dpkg-deb >/dev/null || fail "no dpkg-deb: this makes packages for Debian; use a Debian"
[ $# -le 2 ] || { arcfs_say "package: too many arguments; usage: ./arc package [DIR]"; exit 2; }
mkdir -p -- "$out" || fail "$out: cannot be made; name a directory of yours"
[ -w "$out" ] || fail "$out: cannot be written; name a directory of yours"

work=$(mktemp -d "$out/.work.XXXXXX")
trap 'rm -rf -- "$work"' EXIT
tree=$work/tree
home=$tree/usr/lib/arcfs
umask 022
mkdir -p -- "$home/lib" "$home/native" "$tree/DEBIAN" "$tree/usr/bin" "$tree/etc/arcfs" \
    "$tree/usr/share/doc/arcfs" "$tree/usr/share/arcfs/schema" "$tree/usr/share/man/man1" \
    "$tree/usr/share/applications" "$tree/usr/share/bash-completion/completions" \
    "$tree/usr/share/zsh/vendor-completions" "$tree/usr/share/fish/vendor_completions.d" \
    "$tree/lib/systemd/system"

"$JAVA_HOME/bin/jlink" --add-modules "$modules" --strip-debug --no-header-files --no-man-pages \
    --output "$home/runtime" || fail "jlink cannot make a runtime from $JAVA_HOME"

cp -- "$build/arcfs-app.jar" "$home/"
for jar in "$build"/lib/*.jar; do
    case ${jar##*/} in
    rocksdbjni-*)
        # Its jar carries the library of every platform; ours lies in native/.
        mkdir -- "$work/rocks"
        (cd -- "$work/rocks" && "$JAVA_HOME/bin/jar" xf "$jar" && rm -f -- *.so *.jnilib *.dll &&
            "$JAVA_HOME/bin/jar" cfM "$home/lib/${jar##*/}" .)
        ;;
    *) cp -- "$jar" "$home/lib/" ;;
    esac
done
cp -- "$build"/native/* "$home/native/" || fail "no native library in $build"

# Everything that is made from the model of the command is made by the command.
run() {
    "$JAVA_HOME/bin/java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED \
        -Xlog:disable -Djava.library.path="$home/native" -cp "$home/arcfs-app.jar" io.arcfs.cli.Main "$@"
}
run manual "$tree/usr/share/man/man1"
gzip -9n -- "$tree"/usr/share/man/man1/*.1
run completion bash >"$tree/usr/share/bash-completion/completions/arc"
run completion zsh >"$tree/usr/share/zsh/vendor-completions/_arc"
run completion fish >"$tree/usr/share/fish/vendor_completions.d/arc.fish"
(cd -- "$tree/usr/share/arcfs/schema" && "$JAVA_HOME/bin/jar" xf "$home/arcfs-app.jar" io/arcfs/cli/schema &&
    mv io/arcfs/cli/schema/*.json . && rm -rf io)

install -m 0755 -- "$root/packaging/arc" "$tree/usr/bin/arc"
install -m 0644 -- "$root/tools/start-daemon.sh" "$home/"
install -m 0755 -- "$root/packaging/open-archive" "$home/open-archive"
install -m 0644 -- "$root/packaging/arc@.service" "$tree/lib/systemd/system/"
install -m 0644 -- "$root/packaging/arcfs.desktop" "$tree/usr/share/applications/"
install -m 0644 -- "$root/README.md" "$root/CHANGELOG.md" "$tree/usr/share/doc/arcfs/"
for page in "$root"/docs/*.md; do
    install -m 0644 -- "$page" "$tree/usr/share/doc/arcfs/"
done
install -m 0755 -- "$root/packaging/postinst" "$root/packaging/postrm" "$tree/DEBIAN/"

version=$(sed -n 's|^  <version>\(.*\)</version>$|\1|p' "$root/pom.xml" | head -n 1)
version=$(printf '%s' "$version" | sed 's/-SNAPSHOT/~snapshot/')
architecture=$(dpkg --print-architecture)
sed -e "s/@VERSION@/$version/" -e "s/@ARCHITECTURE@/$architecture/" \
    -e "s/@SIZE@/$(du -sk -- "$tree" | cut -f1)/" "$root/packaging/control.in" >"$tree/DEBIAN/control"
(cd -- "$tree" && find usr lib -type f -exec md5sum {} + >DEBIAN/md5sums)
package=$out/arcfs_${version}_$architecture.deb
dpkg-deb --root-owner-group -Zgzip -z6 --build "$tree" "$package" >"$work/log" 2>&1 ||
    fail "dpkg-deb: $(tail -n 1 "$work/log")"
printf '%s\n' "$package"
