# What `cmake --install` puts where, and what the Debian packages hold. Three components, a package
# each:
#
#   simchain       the simulator, its manual and completion, the scenarios
#   chainnode      the node, its manual and completion, unit, configuration, alerts, dashboard
#   simchain-dev   core: headers, library, and what find_package(simchain) reads
#
# Manual and completion are made by the programs themselves (tools/manual.py), so they need a
# program that runs here, and Python.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
find_program(python_for_manual NAMES python3)

# install_program(NAME): the program with its manual page and completions.
function(install_program name)
  install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT ${name})
  if(NOT python_for_manual)
    return()
  endif()
  set(made ${PROJECT_BINARY_DIR}/generated/manual)
  set(template ${PROJECT_SOURCE_DIR}/tools/manual/${name}.1.in)
  set(script ${PROJECT_SOURCE_DIR}/tools/manual.py)
  add_custom_command(
    OUTPUT ${made}/${name}.1.gz ${made}/${name}.bash ${made}/_${name} ${made}/${name}.fish
    COMMAND ${python_for_manual} ${script} $<TARGET_FILE:${name}> ${template} ${made}
    DEPENDS ${name} ${script} ${template}
    COMMENT "Writing the manual of ${name}"
    VERBATIM)
  add_custom_target(${name}-manual ALL DEPENDS ${made}/${name}.1.gz)
  set(share ${CMAKE_INSTALL_DATADIR})
  install(FILES ${made}/${name}.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT ${name})
  install(
    FILES ${made}/${name}.bash
    DESTINATION ${share}/bash-completion/completions
    RENAME ${name}
    COMPONENT ${name})
  install(FILES ${made}/_${name} DESTINATION ${share}/zsh/vendor-completions COMPONENT ${name})
  install(
    FILES ${made}/${name}.fish DESTINATION ${share}/fish/vendor_completions.d COMPONENT ${name})
endfunction()

if(TARGET simchain)
  install_program(simchain)
  install(
    DIRECTORY scenarios/
    DESTINATION ${CMAKE_INSTALL_DATADIR}/simchain/scenarios
    COMPONENT simchain
    FILES_MATCHING PATTERN "*.yaml" PATTERN "README.md" PATTERN "figures" EXCLUDE)
endif()

if(TARGET chainnode)
  install_program(chainnode)
  configure_file(
    tools/deploy/chainnode.service.in ${PROJECT_BINARY_DIR}/generated/chainnode.service @ONLY)
  install(
    FILES ${PROJECT_BINARY_DIR}/generated/chainnode.service
    DESTINATION lib/systemd/system
    COMPONENT chainnode)
  install(
    FILES tools/deploy/chainnode.toml
    DESTINATION ${CMAKE_INSTALL_SYSCONFDIR}/chainnode
    COMPONENT chainnode)
  install(
    FILES tools/deploy/alerts.yaml tools/deploy/grafana.json
    DESTINATION ${CMAKE_INSTALL_DATADIR}/chainnode
    COMPONENT chainnode)
endif()

# --- The library -----------------------------------------------------------------------------

target_include_directories(
  chaincore INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
                      $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/simchain>)
target_compile_features(chaincore PUBLIC cxx_std_20)
set_target_properties(chaincore PROPERTIES EXPORT_NAME core)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/simchain)
install(
  TARGETS chaincore
  EXPORT simchain
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT simchain-dev)
install(
  DIRECTORY core/
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/simchain/core
  COMPONENT simchain-dev
  FILES_MATCHING PATTERN "*.h")
install(
  EXPORT simchain
  NAMESPACE simchain::
  DESTINATION ${package_dir}
  COMPONENT simchain-dev)
file(
  WRITE ${PROJECT_BINARY_DIR}/generated/simchain-config.cmake
  "include(CMakeFindDependencyMacro)
find_dependency(OpenSSL)
include(\${CMAKE_CURRENT_LIST_DIR}/simchain.cmake)
")
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/generated/simchain-config-version.cmake COMPATIBILITY SameMinorVersion)
install(
  FILES ${PROJECT_BINARY_DIR}/generated/simchain-config.cmake
        ${PROJECT_BINARY_DIR}/generated/simchain-config-version.cmake
  DESTINATION ${package_dir}
  COMPONENT simchain-dev)
