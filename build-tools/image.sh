# ./weft image: a container image of one command as a tar file, without a daemon and without a registry. Sourced by the
# launcher, whose functions it uses. Layers: what is of Debian (image.debs pins it), the Java runtime, Weft, and the
# archive of what a start loads.

image_time=2026-11-24T00:00:00Z # of all files; as project.build.outputTimestamp
image_modules=java.base,java.logging,java.management,java.naming,java.net.http,java.sql,java.xml,jdk.crypto.ec,jdk.management,jdk.unsupported
image_cache=${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/weft/debs

image_usage() {
  cat <<'TXT'
Usage: weft image sidecar|gateway|control [--output FILE] [--tag NAME]
                  [--reproducible]
Writes a container image as a tar file (OCI image layout), for docker load,
podman load, skopeo or crane. Needs no daemon and no registry; Debian's packages
in it come by apt-get download.

  ./weft image sidecar --output weft-sidecar.tar

      --packages        Fetches Debian's packages, and no more.
      --output FILE     Where to (default: weft-COMMAND.tar).
      --tag NAME        Its name for who loads it (default:
                        weft-COMMAND:VERSION).
      --reproducible    Without the archive that makes starts quicker and
                        smaller: made by a run of the proxy, it is never the
                        same twice. All else is, bit by bit.
  -h, --help            Show this help message and exit.
TXT
}

# All packages of image.debs in the cache, verified. Asks Debian's archive for those that are not.
image_debs() {
  mkdir -p "$image_cache"
  while read -r name version sum; do
    case $name in '' | '#'*) continue ;; esac
    file="$image_cache/$name-$sum.deb"
    [ ! -f "$file" ] || continue
    fetched=$(mktemp -d "$image_cache/.fetch.XXXXXX")
    (cd "$fetched" && apt-get -q download "$name=$version") >"$fetched/log" 2>&1 || {
      tail -n 3 "$fetched/log" >&2
      rm -rf "$fetched"
      fail "$name $version cannot be had (apt-get download; is apt-get update due?); build-tools/image.debs names it"
    }
    if ! printf '%s  %s\n' "$sum" "$(echo "$fetched"/*.deb)" | sha256sum -c --status; then
      rm -rf "$fetched"
      fail "$name $version is not the package whose SHA-256 build-tools/image.debs names"
    fi
    mv "$fetched"/*.deb "$file"
    rm -rf "$fetched"
  done <"$home/build-tools/image.debs"
}

# image_package NAME: unpacks it, prints the folder.
image_package() {
  mkdir -p "$work/debs/$1"
  dpkg-deb -x "$image_cache/$1"-*.deb "$work/debs/$1"
  mkdir -p "$base/usr/share/doc/$1"
  cp "$work/debs/$1/usr/share/doc/$1/copyright" "$base/usr/share/doc/$1/"
  printf '%s\n' "$work/debs/$1"
}

image_base() { # COMMAND
  lib=lib/x86_64-linux-gnu
  mkdir -p "$base/bin" "$base/sbin" "$base/etc" "$base/lib64" "$base/$lib" "$base/usr/$lib" "$base/tmp" "$base/proc" "$base/home"
  from=$(image_package libc6)
  for one in ld-linux-x86-64.so.2 libc.so.6 libdl.so.2 libm.so.6 libpthread.so.0 libresolv.so.2 librt.so.1 \
    libnss_dns.so.2 libnss_files.so.2; do
    cp "$from/$lib/$one" "$base/$lib/"
  done
  ln -s "../$lib/ld-linux-x86-64.so.2" "$base/lib64/ld-linux-x86-64.so.2"
  # a shell and what the launcher calls
  from=$(image_package busybox-static)
  cp "$from/bin/busybox" "$base/bin/"
  for one in awk cat dirname find grep head ls mkdir printf readlink rm sed sh tr; do
    ln -s busybox "$base/bin/$one"
  done
  if [ "$1" = sidecar ]; then
    from=$(image_package iptables)
    cp "$from/usr/sbin/xtables-nft-multi" "$base/sbin/"
    for one in iptables iptables-save iptables-restore ip6tables ip6tables-save ip6tables-restore; do
      ln -s xtables-nft-multi "$base/sbin/$one"
    done
    cp -R "$from/usr/$lib/xtables" "$base/usr/$lib/"
    for one in libxtables12 libmnl0 libnftnl11; do
      from=$(image_package "$one")
      cp -P "$from/usr/$lib/"*.so.* "$base/usr/$lib/"
    done
    ln -s ../bin/busybox "$base/sbin/ip" # rules and routes of marked packets
  fi
  printf 'root:x:0:0:root:/root:/sbin/nologin\nweft:x:1337:1337:weft:/home:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home:/sbin/nologin\n' >"$base/etc/passwd"
  printf 'root:x:0:\nweft:x:1337:\nnonroot:x:65532:\n' >"$base/etc/group"
  echo 'hosts: files dns' >"$base/etc/nsswitch.conf"
}

image_weft() { # COMMAND PART
  mkdir -p "$app/opt/weft/$2/target"
  cp "$home/weft" "$app/opt/weft/"
  cp "$home/$2/target/weft-$1.jar" "$app/opt/weft/$2/target/"
  if [ -d "$home/$2/target/lib" ] && [ "$1" != sidecar ]; then # the sidecar's jar is whole
    mkdir -p "$app/opt/weft/$2/target/lib"
    find "$home/$2/target/lib" -name '*.jar' ! -name '*aarch_64*' -exec cp {} "$app/opt/weft/$2/target/lib/" \;
  fi
}

# Every file has one time before the archive is made: it knows jars by theirs.
image_times() { find "$@" -exec touch -h -d "$image_time" {} +; }

# The archive of each profile, by a run of the very files of the image.
image_archives() { # COMMAND
  lesson || return 1
  mkdir "$work/tree"
  cp -al "$jre/." "$app/." "$work/tree/"
  image_times "$work/tree"
  (
    home="$work/tree/opt/weft" state="$archive/opt/weft/.weft" WEFT_JAVA_HOME="$work/tree/opt/jre"
    mkdir -p "$state/archives"
    if [ "$1" = sidecar ]; then
      train sidecar small --inbound 127.0.0.1:0=127.0.0.1:9 --outbound 127.0.0.1:0 &
      train sidecar fast --inbound 127.0.0.1:0=127.0.0.1:9 --outbound 127.0.0.1:0
      wait
    else
      train gateway fast --listen 127.0.0.1:0
    fi
  )
  rm -rf "$training" "$work/tree"
  [ -n "$(ls "$archive/opt/weft/.weft/archives")" ]
}

image() {
  what='' output='' tag='' archived=yes only=''
  while [ $# -gt 0 ]; do
    case $1 in
      -h | --help) image_usage; exit 0 ;;
      --output) [ $# -ge 2 ] || fail '--output: a file is missing' 2; output=$2; shift ;;
      --output=*) output=${1#--output=} ;;
      --tag) [ $# -ge 2 ] || fail '--tag: a name is missing' 2; tag=$2; shift ;;
      --tag=*) tag=${1#--tag=} ;;
      --reproducible) archived=no ;;
      --packages) only=packages ;;
      sidecar | gateway | control) what=$1 ;;
      *) fail "image $1 (expected: sidecar, gateway or control; ./weft image --help tells all flags)" 2 ;;
    esac
    shift
  done
  command -v dpkg-deb >/dev/null 2>&1 || fail 'an image has packages of Debian, and dpkg-deb is not here'
  if [ -n "$only" ]; then
    image_debs
    return
  fi
  [ -n "$what" ] || fail 'image of what? (expected: sidecar, gateway or control)' 2
  part=$what
  [ "$what" != control ] || part=control-plane
  user=65532:65532
  [ "$what" != sidecar ] || user=1337:1337
  [ "$(uname -m)" = x86_64 ] || fail "images are for x86_64 (this is $(uname -m))"
  jdk=$(newest_jdk)
  [ "$(major "$jdk")" -ge 25 ] && [ -x "$jdk/bin/jlink" ] || fail "an image needs a JDK 25 or later with jlink (found: $jdk)"
  ! grep -q 'libstdc++' "$jdk/lib/server/libjvm.so" || fail "$jdk needs libraries that an image has not; take Temurin's (WEFT_JAVA_HOME)"
  weft_version=$("$jdk/bin/java" -jar "$home/$part/target/weft-$what.jar" --version | sed -n '1s/^[^ ]* //p')
  work=$(mktemp -d "${TMPDIR:-/tmp}/weft-image.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  trap 'exit 130' INT TERM
  base="$work/base" jre="$work/jre" app="$work/app" archive="$work/archive"
  image_debs
  image_base "$what"
  mkdir -p "$jre/opt"
  "$jdk/bin/jlink" --add-modules "$image_modules" --strip-java-debug-attributes --no-header-files --no-man-pages \
    --output "$jre/opt/jre"
  sed -n 's/^\(JAVA_RUNTIME_VERSION\|IMPLEMENTOR\)=.*/&/p' "$jdk/release" >>"$jre/opt/jre/release"
  image_weft "$what" "$part"
  set -- "$base" "$jre" "$app"
  if [ "$archived" = yes ] && [ "$what" != control ]; then
    mkdir -p "$state"
    image_archives "$what" >"$state/image.log" 2>&1 ||
      fail "the archive could not be made: $state/image.log tells why; --reproducible does without"
    set -- "$@" "$archive"
  fi
  image_times "$work"
  output=${output:-weft-$what.tar}
  told=$("$jdk/bin/java" "$home/build-tools/OciImage.java" "$output" "$image_time" "${tag:-weft-$what:$weft_version}" "$user" \
    /opt/weft/weft "PATH=/sbin:/bin WEFT_BUILD=never WEFT_JAVA_HOME=/opt/jre HOME=/home" "$@")
  printf '%s: %s, %s MB compressed\n' "$output" "${told% *}" "$(((${told#* } + 999999) / 1000000))"
}
