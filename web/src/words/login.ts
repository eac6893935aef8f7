// The words of logging in.
import { words } from "./word";

export const login = words({
  title: { ko: "로그인", en: "Log in" },
  login: { ko: "아이디", en: "Log-in name" },
  password: { ko: "비밀번호", en: "Password" },
  enter: { ko: "로그인", en: "Log in" },
  passkey: { ko: "패스키로 로그인", en: "Log in with a passkey" },
  oidc: { ko: "{name}(으)로 로그인", en: "Log in with {name}" },
  no_passkey: {
    ko: "패스키를 쓰지 못했습니다. 다시 하거나 비밀번호로 로그인해 주세요.",
    en: "The passkey was not used. Try again, or log in with your password.",
  },
  away: {
    ko: "서버에 연결할 수 없어 로그인하지 못했습니다. 통신이 되는 곳에서 다시 해 주세요.",
    en: "The city cannot be reached: you are not logged in. Please try again where there is reception.",
  },
  not_needed: {
    ko: "아직 계정이 없어 이 컴퓨터에서는 로그인 없이 쓸 수 있습니다.",
    en: "There are no accounts yet: on this machine nobody needs to log in.",
  },
  straight: { ko: "바로 들어가기", en: "Go straight in" },
});
