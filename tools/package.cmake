# The Debian packages, for CPack; tools/package configures, builds and judges them. Only with
# SIMCHAIN_PACKAGE, since what a package needs besides (changelog, copyright, compressed as Debian's
# policy wants it) is of no use elsewhere.
set(folder ${PROJECT_BINARY_DIR}/generated/debian)
set(maintainer "${SIMCHAIN_MAINTAINER}")
string(TIMESTAMP now "%a, %d %b %Y %H:%M:%S +0000" UTC)
string(TIMESTAMP year "%Y" UTC)
configure_file(tools/deploy/debian/changelog.in ${folder}/changelog.Debian @ONLY)
configure_file(tools/deploy/debian/copyright.in ${folder}/copyright @ONLY)
execute_process(
  COMMAND gzip -9nkf ${folder}/changelog.Debian COMMAND_ERROR_IS_FATAL ANY)

set(CPACK_GENERATOR DEB)
set(CPACK_COMPONENTS_ALL simchain chainnode simchain-dev)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_SET_DESTDIR ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_PACKAGE_CONTACT "${maintainer}")
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)

set(CPACK_DEBIAN_SIMCHAIN_PACKAGE_NAME simchain)
set(CPACK_DEBIAN_SIMCHAIN_PACKAGE_SECTION science)
set(CPACK_COMPONENT_SIMCHAIN_DESCRIPTION
    "deterministic simulator of blockchain networks
How do the nodes of a blockchain come to agree, how long does it take, and
what does it cost when the network is cut in two? simchain simulates thousands
of nodes in one thread. A scenario file asks a question and says what answer
it expects; the same scenario and seed give the same run, on any machine.")

set(CPACK_DEBIAN_CHAINNODE_PACKAGE_NAME chainnode)
set(CPACK_DEBIAN_CHAINNODE_PACKAGE_SECTION net)
set(CPACK_DEBIAN_CHAINNODE_PACKAGE_CONTROL_EXTRA
    ${PROJECT_SOURCE_DIR}/tools/deploy/debian/conffiles
    ${PROJECT_SOURCE_DIR}/tools/deploy/debian/postinst
    ${PROJECT_SOURCE_DIR}/tools/deploy/debian/prerm
    ${PROJECT_SOURCE_DIR}/tools/deploy/debian/postrm)
set(CPACK_COMPONENT_CHAINNODE_DESCRIPTION
    "node of a classroom blockchain network
One real node: peers over WebSocket, an HTTP API, a dashboard, blocks on disk.
It speaks with the TypeScript nodes of the well-known classroom tutorial, and
a better protocol with its own kind. systemd runs it once it is enabled:
systemctl enable --now chainnode.")

set(CPACK_DEBIAN_SIMCHAIN-DEV_PACKAGE_NAME simchain-dev)
set(CPACK_DEBIAN_SIMCHAIN-DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_SIMCHAIN-DEV_PACKAGE_DEPENDS "libssl-dev")
set(CPACK_COMPONENT_SIMCHAIN-DEV_DESCRIPTION
    "core of a blockchain node, to build on
What a node says, as a pure state machine without input or output: the library
that the simulator simchain and the node chainnode share, its headers, and
what find_package(simchain) of CMake reads.")

foreach(component IN LISTS CPACK_COMPONENTS_ALL)
  install(
    FILES ${folder}/changelog.Debian.gz ${folder}/copyright
    DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${component}
    COMPONENT ${component})
endforeach()
include(CPack)
