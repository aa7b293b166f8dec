# cmake --install build, and with CPack a Debian package.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# ---- texts that the tool itself writes -------------------------------------------------------------
set(texts "${CMAKE_BINARY_DIR}/generated/texts")
file(MAKE_DIRECTORY "${texts}")
set(text_files "${texts}/imcsim.1" "${texts}/imcsim.bash" "${texts}/_imcsim" "${texts}/imcsim.fish")
add_custom_command(OUTPUT ${text_files}
  COMMAND imcsim man > "${texts}/imcsim.1"
  COMMAND imcsim completion bash > "${texts}/imcsim.bash"
  COMMAND imcsim completion zsh > "${texts}/_imcsim"
  COMMAND imcsim completion fish > "${texts}/imcsim.fish"
  DEPENDS imcsim VERBATIM)
add_custom_target(imcsim_texts ALL DEPENDS ${text_files})

install(TARGETS imcsim COMPONENT tool)
install(FILES "${texts}/imcsim.1" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1" COMPONENT tool)
install(FILES "${texts}/imcsim.bash" RENAME imcsim
  DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions" COMPONENT tool)
install(FILES "${texts}/_imcsim"
  DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions" COMPONENT tool)
install(FILES "${texts}/imcsim.fish"
  DESTINATION "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d" COMPONENT tool)
install(DIRECTORY data/presets data/studies data/examples
  DESTINATION "${CMAKE_INSTALL_DATADIR}/imcsim" COMPONENT tool)
install(FILES README.md LICENSE DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT tool)

# ---- find_package(imcsim): imcsim::core ------------------------------------------------------------
set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/imcsim")
install(FILES "$<TARGET_FILE:imcsim_core>" DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT core)
install(DIRECTORY core/ DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/imcsim" COMPONENT core
  FILES_MATCHING PATTERN "*.hpp")
configure_package_config_file(cli/package/imcsimConfig.cmake.in
  "${CMAKE_BINARY_DIR}/generated/imcsimConfig.cmake" INSTALL_DESTINATION "${package_dir}"
  PATH_VARS CMAKE_INSTALL_INCLUDEDIR CMAKE_INSTALL_LIBDIR)
write_basic_package_version_file("${CMAKE_BINARY_DIR}/generated/imcsimConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_BINARY_DIR}/generated/imcsimConfig.cmake"
  "${CMAKE_BINARY_DIR}/generated/imcsimConfigVersion.cmake"
  DESTINATION "${package_dir}" COMPONENT core)

# ---- cpack: a .deb of the tool ---------------------------------------------------------------------
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME imcsim)
set(CPACK_PACKAGE_CONTACT "the imcsim authors")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL tool)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
include(CPack)
