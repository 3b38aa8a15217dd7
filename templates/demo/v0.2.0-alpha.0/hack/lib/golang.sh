#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0

# shellcheck disable=SC2034 # Variables sourced in other scripts.

# What is built, for which platforms, and how.

# The golang package that we are building.
readonly KUBE_GO_PACKAGE=k8s.io/kubernetes
readonly KUBE_GOPATH="${KUBE_GOPATH:-"${KUBE_OUTPUT}/go"}"

# The server platforms we build for.
readonly KUBE_SUPPORTED_SERVER_PLATFORMS=(
  linux/amd64
  linux/arm64
  linux/s390x
  linux/ppc64le
)

# The node platforms we build for.
readonly KUBE_SUPPORTED_NODE_PLATFORMS=(
  linux/amd64
  linux/arm64
  linux/s390x
  linux/ppc64le
  windows/amd64
)

# The client platforms we build for.
readonly KUBE_SUPPORTED_CLIENT_PLATFORMS=(
  linux/amd64
  linux/386
  linux/arm
  linux/arm64
  linux/s390x
  linux/ppc64le
  darwin/amd64
  darwin/arm64
  windows/amd64
  windows/386
  windows/arm64
)

# The platforms we test on.
readonly KUBE_SUPPORTED_TEST_PLATFORMS=(
  linux/amd64
  linux/arm64
  linux/s390x
  linux/ppc64le
  darwin/amd64
  darwin/arm64
  windows/amd64
  windows/arm64
)

# The set of server targets that we are only building for Linux.
kube::golang::server_targets() {
  local targets=(
    cmd/kube-apiserver
    cmd/kubelet
    cmd/kubeadm
  )
  echo "${targets[@]}"
}

IFS=" " read -ra KUBE_SERVER_TARGETS <<< "$(kube::golang::server_targets)"
readonly KUBE_SERVER_TARGETS
readonly KUBE_SERVER_BINARIES=("${KUBE_SERVER_TARGETS[@]##*/}")

# The set of server targets we build docker images for.
kube::golang::server_image_targets() {
  local targets=(
    cmd/kube-apiserver
    cmd/kubectl
  )
  echo "${targets[@]}"
}

IFS=" " read -ra KUBE_SERVER_IMAGE_TARGETS <<< "$(kube::golang::server_image_targets)"
readonly KUBE_SERVER_IMAGE_TARGETS
readonly KUBE_SERVER_IMAGE_BINARIES=("${KUBE_SERVER_IMAGE_TARGETS[@]##*/}")

# The set of targets for nodes.
kube::golang::node_targets() {
  local targets=(
    cmd/kubeadm
    cmd/kubelet
  )
  echo "${targets[@]}"
}

IFS=" " read -ra KUBE_NODE_TARGETS <<< "$(kube::golang::node_targets)"
readonly KUBE_NODE_TARGETS
readonly KUBE_NODE_BINARIES=("${KUBE_NODE_TARGETS[@]##*/}")

# The set of client targets, for all platforms.
kube::golang::client_targets() {
  local targets=(
    cmd/kubectl
  )
  echo "${targets[@]}"
}

IFS=" " read -ra KUBE_CLIENT_TARGETS <<< "$(kube::golang::client_targets)"
readonly KUBE_CLIENT_TARGETS
readonly KUBE_CLIENT_BINARIES=("${KUBE_CLIENT_TARGETS[@]##*/}")

readonly KUBE_ALL_TARGETS=(
  "${KUBE_SERVER_TARGETS[@]}"
  "${KUBE_CLIENT_TARGETS[@]}"
)
readonly KUBE_ALL_BINARIES=("${KUBE_ALL_TARGETS[@]##*/}")

# Binaries that are built without cgo.
readonly KUBE_STATIC_BINARIES=(
  kube-apiserver
  kubeadm
  kubectl
)

# Gigabytes of memory from which on several platforms are built at once.
readonly KUBE_PARALLEL_BUILD_MEMORY=${KUBE_PARALLEL_BUILD_MEMORY:-20}

# KUBE_CGO_OVERRIDES: binaries to build with cgo, whatever the list above says.
# KUBE_STATIC_OVERRIDES: binaries to build without, in addition to it.
IFS=" " read -ra KUBE_CGO_OVERRIDES <<< "${KUBE_CGO_OVERRIDES:-}"
readonly KUBE_CGO_OVERRIDES
IFS=" " read -ra KUBE_STATIC_OVERRIDES <<< "${KUBE_STATIC_OVERRIDES:-}"
readonly KUBE_STATIC_OVERRIDES

# Prints those of its arguments that come twice, one a line.
kube::golang::dups() {
  printf "%s\n" "$@" | sort | uniq -d
}

# Prints its arguments sorted, each once, one a line.
kube::golang::dedup() {
  printf "%s\n" "$@" | sort -u
}

# Sets KUBE_{SERVER,NODE,CLIENT,TEST}_PLATFORMS: what KUBE_BUILD_PLATFORMS asks for
# as far as it is supported, or one platform for KUBE_FASTBUILD, or all.
declare -a KUBE_SERVER_PLATFORMS KUBE_NODE_PLATFORMS KUBE_CLIENT_PLATFORMS KUBE_TEST_PLATFORMS
kube::golang::setup_platforms() {
  if [[ -n "${KUBE_BUILD_PLATFORMS:-}" ]]; then
    local -a wanted
    IFS=" " read -ra wanted <<< "${KUBE_BUILD_PLATFORMS}"
    # Each once, or a repeated one would look like a supported one to dups.
    kube::util::read-array wanted < <(kube::golang::dedup "${wanted[@]}")
    kube::util::read-array KUBE_SERVER_PLATFORMS < <(kube::golang::dups "${wanted[@]}" "${KUBE_SUPPORTED_SERVER_PLATFORMS[@]}")
    kube::util::read-array KUBE_NODE_PLATFORMS < <(kube::golang::dups "${wanted[@]}" "${KUBE_SUPPORTED_NODE_PLATFORMS[@]}")
    kube::util::read-array KUBE_CLIENT_PLATFORMS < <(kube::golang::dups "${wanted[@]}" "${KUBE_SUPPORTED_CLIENT_PLATFORMS[@]}")
    kube::util::read-array KUBE_TEST_PLATFORMS < <(kube::golang::dups "${wanted[@]}" "${KUBE_SUPPORTED_TEST_PLATFORMS[@]}")
  elif [[ "${KUBE_FASTBUILD:-}" == "true" ]]; then
    local fast
    fast=linux/$(kube::util::host_arch)
    KUBE_SERVER_PLATFORMS=("${fast}")
    KUBE_NODE_PLATFORMS=("${fast}")
    KUBE_CLIENT_PLATFORMS=("${fast}")
    KUBE_TEST_PLATFORMS=("${fast}")
    if [[ "${KUBE_BUILDER_OS:-}" == "darwin"* ]]; then
      KUBE_CLIENT_PLATFORMS+=("darwin/${fast##*/}")
      KUBE_TEST_PLATFORMS+=("darwin/${fast##*/}")
    fi
  else
    KUBE_SERVER_PLATFORMS=("${KUBE_SUPPORTED_SERVER_PLATFORMS[@]}")
    KUBE_NODE_PLATFORMS=("${KUBE_SUPPORTED_NODE_PLATFORMS[@]}")
    KUBE_CLIENT_PLATFORMS=("${KUBE_SUPPORTED_CLIENT_PLATFORMS[@]}")
    KUBE_TEST_PLATFORMS=("${KUBE_SUPPORTED_TEST_PLATFORMS[@]}")
  fi
  readonly KUBE_SERVER_PLATFORMS KUBE_NODE_PLATFORMS KUBE_CLIENT_PLATFORMS KUBE_TEST_PLATFORMS
}

kube::golang::setup_platforms

kube::golang::is_statically_linked() {
  local e
  # kubectl for macOS, built on macOS, uses the system's libraries.
  [[ "$(go env GOHOSTOS)" == "darwin" && "$(go env GOOS)" == "darwin" && "$1" == *"/kubectl" ]] && return 1
  for e in ${KUBE_CGO_OVERRIDES[@]+"${KUBE_CGO_OVERRIDES[@]}"}; do [[ "$1" == *"/${e}" ]] && return 1; done
  for e in "${KUBE_STATIC_BINARIES[@]}"; do [[ "$1" == *"/${e}" ]] && return 0; done
  for e in ${KUBE_STATIC_OVERRIDES[@]+"${KUBE_STATIC_OVERRIDES[@]}"}; do [[ "$1" == *"/${e}" ]] && return 0; done
  return 1
}

# Turns targets into Go packages. What begins with a domain is one already.
kube::golang::binaries_from_targets() {
  local target
  for target; do
    if [[ "${target}" =~ ^([[:alnum:]]+".")+[[:alnum:]]+"/" ]]; then
      echo "${target}"
    else
      target="${target#./}"
      echo "${KUBE_GO_PACKAGE}/${target%/}"
    fi
  done
}

kube::golang::host_platform() {
  echo "$(go env GOHOSTOS)/$(go env GOHOSTARCH)"
}

# Sets what Go needs to build for platform $1.
kube::golang::set_platform_envs() {
  local -r platform=$1
  export GOOS=${platform%/*}
  export GOARCH=${platform##*/}

  # Cross compilers, by the names that Debian gives them.
  if [[ "$(kube::golang::host_platform)" == "linux/amd64" ]]; then
    case "${platform}" in
      "linux/arm")
        export CGO_ENABLED=1
        export CC=${KUBE_LINUX_ARM_CC:-arm-linux-gnueabihf-gcc}
        ;;
      "linux/arm64")
        export CGO_ENABLED=1
        export CC=${KUBE_LINUX_ARM64_CC:-aarch64-linux-gnu-gcc}
        ;;
      "linux/ppc64le")
        export CGO_ENABLED=1
        export CC=${KUBE_LINUX_PPC64LE_CC:-powerpc64le-linux-gnu-gcc}
        ;;
      "linux/s390x")
        export CGO_ENABLED=1
        export CC=${KUBE_LINUX_S390X_CC:-s390x-linux-gnu-gcc}
        ;;
    esac
  fi

  # A compiler of the user's, e.g. KUBE_LINUX_ARM64_CC, means cgo on every host.
  local ccenv
  ccenv=$(echo "${platform}" | awk -F/ '{print "KUBE_" toupper($1) "_" toupper($2) "_CC"}')
  if [[ -n "${!ccenv-}" ]]; then
    export CGO_ENABLED=1
    export CC="${!ccenv}"
  fi
}

# Ensures that `go` is the one this tree wants, and new enough.
#
# GO_VERSION (default: .go-version) is the version wanted. GOTOOLCHAIN other than
# "auto" is left alone, and FORCE_HOST_GO (anything but empty) takes the `go` of PATH.
kube::golang::internal::verify_go_version() {
  GO_VERSION="${GO_VERSION:-"$(cat "${KUBE_ROOT}/.go-version")"}"
  if [[ "${GOTOOLCHAIN:-auto}" != "auto" ]]; then
    :
  elif [[ -n "${FORCE_HOST_GO:-}" ]]; then
    export GOTOOLCHAIN=local
  else
    export GOTOOLCHAIN="go${GO_VERSION}"
    # No `go`, or one before 1.21, or one that cannot become the other version.
    if ! command -v go >/dev/null || [[ "$(go version | cut -d' ' -f3)" != "${GOTOOLCHAIN}" ]]; then
      export GIMME_ENV_PREFIX="${GIMME_ENV_PREFIX:-"${KUBE_OUTPUT}/.gimme/envs"}"
      export GIMME_VERSION_PREFIX="${GIMME_VERSION_PREFIX:-"${KUBE_OUTPUT}/.gimme/versions"}"
      # What it prints is shell code.
      eval "$("${KUBE_ROOT}/third_party/gimme/gimme" "${GO_VERSION}")"
    fi
  fi

  if [[ -z "$(command -v go)" ]]; then
    kube::log::usage_from_stdin <<USAGE
Can't find 'go' in PATH, please fix and retry.
See http://golang.org/doc/install for installation instructions.
USAGE
    return 2
  fi

  local go_version
  IFS=" " read -ra go_version <<< "$(GOFLAGS='' go version)"
  local minimum_go_version
  minimum_go_version=go1.19
  if [[ "${minimum_go_version}" != $(echo -e "${minimum_go_version}\n${go_version[2]}" | sort -s -t. -k 1,1 -k 2,2n -k 3,3n | head -n1) && "${go_version[2]}" != "devel" ]]; then
    kube::log::usage_from_stdin <<USAGE
Detected go version: ${go_version[*]}.
Kubernetes requires ${minimum_go_version} or greater.
Please install ${minimum_go_version} or later.
USAGE
    return 2
  fi
}

# Prepares the environment of `go`: everything that it writes goes below KUBE_GOPATH.
kube::golang::setup_env() {
  # `go install` writes to $GOPATH/bin, for other platforms to a directory below it.
  export GOPATH="${KUBE_GOPATH}"
  export GOCACHE="${GOCACHE:-"${KUBE_GOPATH}/cache/build"}"
  export GOMODCACHE="${GOMODCACHE:-"${KUBE_GOPATH}/cache/mod"}"
  export PATH="${KUBE_GOPATH}/bin:${PATH}"

  # Binaries for other platforms cannot be installed with it.
  unset GOBIN
  # Modules and the workspace of this tree, whatever the user has set.
  unset GO111MODULE GOWORK

  # Last: it may fetch a toolchain, into the caches from above.
  kube::golang::internal::verify_go_version
}

# Copies what `go install` made to KUBE_OUTPUT_BINPATH, where all platforms look alike.
kube::golang::place_bins() {
  local host_platform
  host_platform=$(kube::golang::host_platform)

  V=2 kube::log::status "Placing binaries"

  local platform
  for platform in ${KUBE_CLIENT_PLATFORMS[@]+"${KUBE_CLIENT_PLATFORMS[@]}"}; do
    local platform_src="/${platform//\//_}"
    if [[ "${platform}" == "${host_platform}" ]]; then
      platform_src=""
      rm -f "${THIS_PLATFORM_BIN}"
      ln -s "${KUBE_OUTPUT_BINPATH}/${platform}" "${THIS_PLATFORM_BIN}"
    fi

    local full_binpath_src="${KUBE_GOPATH}/bin${platform_src}"
    if [[ -d "${full_binpath_src}" ]]; then
      mkdir -p "${KUBE_OUTPUT_BINPATH}/${platform}"
      find "${full_binpath_src}" -maxdepth 1 -type f -exec \
        cp -pf {} "${KUBE_OUTPUT_BINPATH}/${platform}" \;
    fi
  done
}

# Builds packages with the flags in build_args.
kube::golang::build_some_binaries() {
  V=2 kube::log::info "Coverage is disabled."
  GOPROXY=off go install "${build_args[@]}" "$@"
}

# Builds ${binaries} for platform $1.
kube::golang::build_binaries_for_platform() {
  # Without this, the user's umask can leak through.
  umask 0022

  local -r platform=$1
  local binary
  local -a statics=() nonstatics=() build_args

  for binary in "${binaries[@]}"; do
    if kube::golang::is_statically_linked "${binary}"; then
      statics+=("${binary}")
      kube::log::info "    ${binary} (static)"
    else
      nonstatics+=("${binary}")
      kube::log::info "    ${binary} (non-static)"
    fi
  done

  V=2 kube::log::info "Env for ${platform}: GOOS=${GOOS-} GOARCH=${GOARCH-} GOROOT=${GOROOT-} CGO_ENABLED=${CGO_ENABLED-} CC=${CC-}"
  V=3 kube::log::info "Building binaries with GCFLAGS=${gogcflags} ASMFLAGS=${goasmflags} LDFLAGS=${goldflags}"

  build_args=(
    ${goflags[@]+"${goflags[@]}"}
    -gcflags="${gogcflags}"
    -asmflags="${goasmflags}"
    -ldflags="${goldflags}"
    -tags="${gotags}"
  )
  if [[ "${#statics[@]}" != 0 ]]; then
    CGO_ENABLED=0 kube::golang::build_some_binaries "${statics[@]}"
  fi
  if [[ "${#nonstatics[@]}" != 0 ]]; then
    kube::golang::build_some_binaries "${nonstatics[@]}"
  fi
}

# Prints the available memory in gigabytes, rounded down.
kube::golang::get_physmem() {
  local mem
  if mem=$(grep MemAvailable /proc/meminfo 2>/dev/null | awk '{ print $2 }'); then
    echo $(( mem / 1048576 ))
  elif mem=$(sysctl -n hw.memsize 2>/dev/null); then
    echo $(( mem / 1073741824 ))
  else
    echo 1
  fi
}

# Builds targets for KUBE_BUILD_PLATFORMS, or for this machine.
# Args: targets and flags for `go`; without targets, all. Needs setup_env before.
kube::golang::build_binaries() {
  # A subshell: the caller's environment stays as it is.
  (
    V=2 kube::log::info "Go version: $(GOFLAGS='' go version)"

    # The functions below read these.
    local goldflags goasmflags gogcflags gotags
    local -a goflags=() binaries

    goasmflags=""
    gogcflags="${GOGCFLAGS:-}"
    if [[ "${DBG:-}" == 1 ]]; then
      # For debuggers: no optimisation, no inlining, real paths.
      gogcflags="${gogcflags} all=-N -l"
    else
      # Paths in the binaries do not depend on where the tree is.
      goflags+=(-trimpath)
    fi

    local version_flags # On its own: `local` hides a failure.
    version_flags=$(kube::version::ldflags)
    goldflags="all=${version_flags//$'\n'/ } ${GOLDFLAGS:-}"
    if [[ "${DBG:-}" != 1 ]]; then
      # Not debugging - disable symbols and DWARF.
      goldflags="${goldflags} -s -w"
    fi

    # The -tags below would replace those in GOFLAGS.
    gotags="selinux,notest,$(echo "${GOFLAGS:-}" | sed -ne 's|.*-tags=\([^ ]*\).*|\1|p')"

    local arg
    local -a targets=() platforms
    for arg; do
      if [[ "${arg}" == -* ]]; then
        goflags+=("${arg}")
      else
        targets+=("${arg}")
      fi
    done
    if [[ ${#targets[@]} -eq 0 ]]; then
      targets=("${KUBE_ALL_TARGETS[@]}")
    fi
    kube::util::read-array binaries < <(kube::golang::binaries_from_targets "${targets[@]}")

    IFS=" " read -ra platforms <<< "${KUBE_BUILD_PLATFORMS:-}"
    if [[ ${#platforms[@]} -eq 0 ]]; then
      platforms=("$(kube::golang::host_platform)")
    fi

    local parallel=false platform
    if [[ ${#platforms[@]} -gt 1 ]]; then
      local gigs
      gigs=$(kube::golang::get_physmem)
      if [[ ${gigs} -ge ${KUBE_PARALLEL_BUILD_MEMORY} ]]; then
        kube::log::status "Multiple platforms requested and available ${gigs}G >= threshold ${KUBE_PARALLEL_BUILD_MEMORY}G, building platforms in parallel"
        parallel=true
      else
        kube::log::status "Multiple platforms requested, but available ${gigs}G < threshold ${KUBE_PARALLEL_BUILD_MEMORY}G, building platforms in serial"
      fi
    fi

    if [[ "${parallel}" == "true" ]]; then
      kube::log::status "Building go targets for {${platforms[*]}} in parallel (output will appear in a burst when complete):" "${targets[@]}"
      for platform in "${platforms[@]}"; do (
          kube::golang::set_platform_envs "${platform}"
          kube::log::status "${platform}: build started"
          kube::golang::build_binaries_for_platform "${platform}"
          kube::log::status "${platform}: build finished"
        ) &> "/tmp//${platform//\//_}.build" &
      done

      local fails=0 job
      for job in $(jobs -p); do
        wait "${job}" || (( fails += 1 ))
      done
      for platform in "${platforms[@]}"; do
        cat "/tmp//${platform//\//_}.build"
      done
      exit "${fails}"
    fi

    for platform in "${platforms[@]}"; do
      kube::log::status "Building go targets for ${platform}"
      (
        kube::golang::set_platform_envs "${platform}"
        kube::golang::build_binaries_for_platform "${platform}"
      )
    done
  )
}
