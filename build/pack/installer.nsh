; What electron-builder's installer does not do by itself. Everything stays in the account of the user who installs.

!define RUN_KEY "Software\Microsoft\Windows\CurrentVersion\Run"
!define APPROVED_KEY "Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"
!define LINK_KEY "Software\Classes\optrade"

; No choice of "all users": that would need an administrator.
!macro customInstallMode
  StrCpy $isForceCurrentInstall "1"
!macroend

; The address that the browser comes back to after the login at Kite (optrade://…).
!macro customInstall
  WriteRegStr HKCU "${LINK_KEY}" "" "URL:OP Trading"
  WriteRegStr HKCU "${LINK_KEY}" "URL Protocol" ""
  WriteRegStr HKCU "${LINK_KEY}\DefaultIcon" "" "$INSTDIR\${APP_EXECUTABLE_FILENAME},0"
  WriteRegStr HKCU "${LINK_KEY}\shell\open\command" "" '"$INSTDIR\${APP_EXECUTABLE_FILENAME}" "%1"'
!macroend

; The last page offers to start it now, and at every sign-in: the same registry value that the settings switch.
!macro customFinishPage
  Function StartApp
    ${if} ${isUpdated}
      StrCpy $1 "--updated"
    ${else}
      StrCpy $1 ""
    ${endif}
    ${StdUtils.ExecShellAsUser} $0 "$launchLink" "open" "$1"
  FunctionEnd

  Function StartAtSignIn
    WriteRegStr HKCU "${RUN_KEY}" "${APP_ID}" '"$INSTDIR\${APP_EXECUTABLE_FILENAME}" --hidden'
  FunctionEnd

  !define MUI_FINISHPAGE_RUN
  !define MUI_FINISHPAGE_RUN_FUNCTION "StartApp"
  !define MUI_FINISHPAGE_SHOWREADME ""
  !define MUI_FINISHPAGE_SHOWREADME_NOTCHECKED
  !define MUI_FINISHPAGE_SHOWREADME_TEXT "Start OP Trading when I sign in to Windows"
  !define MUI_FINISHPAGE_SHOWREADME_FUNCTION "StartAtSignIn"
  !insertmacro MUI_PAGE_FINISH
!macroend

; An update uninstalls the old version first: then nothing of the user's goes, and nothing is asked.
!macro customUnInstall
  ${ifNot} ${isUpdated}
    DeleteRegValue HKCU "${RUN_KEY}" "${APP_ID}"
    DeleteRegValue HKCU "${APPROVED_KEY}" "${APP_ID}"
    DeleteRegKey HKCU "${LINK_KEY}"
    MessageBox MB_YESNO|MB_ICONQUESTION|MB_DEFBUTTON2 "Delete the recorded market data, the settings and the saved logins of OP Trading as well?$\r$\n$\r$\n$APPDATA\${PRODUCT_NAME}$\r$\n$\r$\nNo keeps them for the next installation. A data folder that you have chosen yourself is never deleted." /SD IDNO IDNO keepData
    SetShellVarContext current
    RMDir /r "$APPDATA\${PRODUCT_NAME}"
    keepData:
  ${endIf}
!macroend
